import { sha256 } from '@noble/hashes/sha2.js';
import { bytesOf, hexOf, joined, latin1Of } from './bytes.js';
import { FrameDecoder } from './frame-decoder.js';
import { PackingCheck } from './frame-packing.js';
import { LINE_BYTES_MAX } from './line-splitter.js';
import type { SealedFrames } from './manifest.js';
import { fail } from './verdict.js';

/** A frame of the entries that cannot be read, or is not as there is one way to make it. */
export class FrameUnreadable extends Error {
  /** From 1. */
  readonly frame: number;
  /** It …. */
  readonly what: string;

  constructor(frame: number, what: string) {
    super(`Frame ${frame} ${what}.`);
    this.name = 'FrameUnreadable';
    this.frame = frame;
    this.what = what;
  }
}

const LINE_HEAD = /^\{"seq":([1-9]\d{0,15}),/;
const LINE_HEAD_BYTES_MAX = 24;
const INDEX_DIGITS = 16;

/** Reads the frames of the entries, and adds up what the seal must say of them. Memory: one frame. */
export class Frames {
  readonly #sha256 = sha256.create();
  readonly #index = sha256.create();
  readonly #packing = new PackingCheck();
  #count = 0;
  #bytes = 0;

  /** The lines of each frame. Throws `FrameUnreadable`, for what is wrong with a frame's division after its lines were given. */
  async *lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let decoder = newDecoder();
    let parts: Uint8Array[] = [];
    for await (const chunk of chunks) {
      this.#sha256.update(chunk);
      for (let at = 0; at < chunk.length;) {
        at += decoder.take(chunk.subarray(at), (content) => void parts.push(content));
        if (decoder.wrong !== undefined) throw new FrameUnreadable(this.#count + 1, decoder.wrong);
        if (!decoder.ended) continue;
        const content = joined(parts);
        this.#add(decoder.bytes, content);
        yield content;
        const wrong = this.#packing.accept(content);
        if (wrong !== undefined) throw new FrameUnreadable(this.#count, wrong);
        decoder = newDecoder();
        parts = [];
      }
    }
    if (decoder.bytes > 0) throw new FrameUnreadable(this.#count + 1, 'ends too early');
  }

  #add(bytes: number, content: Uint8Array): void {
    const place = [seqOf(content), this.#bytes].map((number) => String(number).padStart(INDEX_DIGITS, '0'));
    this.#index.update(bytesOf(`${place.join(' ')}\n`));
    this.#count += 1;
    this.#bytes += bytes;
  }

  /** After all lines: compares with what was sealed, and `index` with the one index that these frames can have. */
  async compare(said: SealedFrames, index: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#bytes !== said.bytes || hexOf(this.#sha256.digest()) !== said.sha256) {
      fail('frames', 'Their bytes are not those that were sealed.');
    }
    if (this.#count !== said.count || hexOf(this.#index.digest()) !== said.indexSha256) {
      fail('manifest', 'Its count of frames, or the index that it was sealed with, is not what the frames are.');
    }
    const digest = sha256.create();
    for await (const chunk of index) digest.update(chunk);
    if (hexOf(digest.digest()) !== said.indexSha256) fail('index', 'Its bytes are not those that were sealed.');
  }
}

function newDecoder(): FrameDecoder {
  return new FrameDecoder('form 2', LINE_BYTES_MAX + 1);
}

/** The number that the first of these lines says at its beginning; 0 when it says none there. */
function seqOf(lines: Uint8Array): number {
  return Number(LINE_HEAD.exec(latin1Of(lines.subarray(0, LINE_HEAD_BYTES_MAX)))?.[1] ?? 0);
}
