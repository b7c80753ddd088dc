import { sha256 } from '@noble/hashes/sha2.js';
import { hexOf } from './bytes.js';
import type { FrameForm } from './frame-splitter.js';
import { FrameDecoder } from './frame-decoder.js';
import type { PendingBytes } from './line-check.js';
import type { Manifest } from './manifest.js';
import type { BytesReference } from './references.js';
import { fail, failAtEntry, NotHolding } from './verdict.js';

/** The bytes of a segment as they are in the file. */
export type OpenSegment = (segment: number) => AsyncGenerator<Uint8Array>;

const EMPTY = new Uint8Array();

/**
 * Follows the references of the entries through the segments: each begins where the one before ended, so that together they
 * are all bytes there are, and each has the digest that its entry says. Throws `NotHolding`.
 */
export class SegmentCheck {
  readonly #open: OpenSegment;
  readonly #segments: Manifest['segments'];
  readonly #form: FrameForm;
  #segment = 0;
  #offset = 0;
  #chunks: AsyncGenerator<Uint8Array> | undefined;
  /** What of the compressed chunk was not taken yet. */
  #compressed: Uint8Array = EMPTY;
  #decoder: FrameDecoder | undefined;
  /** Content that no reference has taken yet, of at most a block. */
  #content: Uint8Array = EMPTY;
  #hash = sha256.create();

  constructor(open: OpenSegment, { segments, container }: Manifest) {
    this.#open = open;
    this.#segments = segments;
    this.#form = container === 1 ? 'form 1' : 'form 2';
  }

  /** Reads the bytes of the next references. */
  async check(pending: readonly PendingBytes[]): Promise<void> {
    for (const { entry, reference } of pending) await this.#checkOne(entry, reference);
  }

  /** After the last entry: nothing may be left over. */
  async end(): Promise<void> {
    await this.#finishSegment();
    if (this.#segment < this.#segments.length) fail(`segment ${this.#segment + 1}`, 'No entry refers to it.');
  }

  async close(): Promise<void> {
    await this.#chunks?.return(undefined);
  }

  async #checkOne(entry: number, { bytes, kept, sha256: said, segment, offset }: BytesReference): Promise<void> {
    if (segment === this.#segment + 1) {
      await this.#finishSegment(entry);
      if (segment > this.#segments.length) failAtEntry(entry, `There is no segment ${segment}.`);
      await this.#nextSegment();
    }
    if (segment !== this.#segment || offset !== this.#offset) {
      failAtEntry(entry, 'Its response does not begin where the one before ended.');
    }
    const digest = sha256.create();
    for (let left = kept; left > 0;) {
      if (this.#content.length === 0 && !(await this.#hasMore())) {
        failAtEntry(entry, `Its response goes beyond the end of segment ${segment}.`);
      }
      const part = this.#content.subarray(0, left);
      digest.update(part);
      this.#content = this.#content.subarray(part.length);
      this.#offset += part.length;
      left -= part.length;
    }
    if (kept === bytes && hexOf(digest.digest()) !== said) {
      failAtEntry(entry, 'The digest of its response is not that of the bytes that were kept.');
    }
  }

  async #nextSegment(): Promise<void> {
    await this.close();
    this.#segment += 1;
    this.#offset = 0;
    this.#chunks = this.#open(this.#segment);
    this.#compressed = EMPTY;
    this.#content = EMPTY;
    this.#decoder = new FrameDecoder(this.#form, Number.MAX_SAFE_INTEGER);
    this.#hash = sha256.create();
  }

  /** `entry` is the one at which the segment has to be at its end. */
  async #finishSegment(entry?: number): Promise<void> {
    const said = this.#segments[this.#segment - 1];
    if (said === undefined) return;
    const at = entry === undefined ? {} : { entry };
    const where = `segment ${this.#segment}`;
    if (this.#content.length > 0 || (await this.#hasMore())) {
      throw new NotHolding({ where, what: `No entry refers to its bytes from ${this.#offset} on.`, ...at });
    }
    if (said.rawBytes !== this.#offset || said.rawSha256 !== hexOf(this.#hash.digest())) {
      fail(where, 'Its uncompressed bytes are not those that were sealed.');
    }
  }

  /** True when the segment has bytes beyond the offset, of which the next ones are then in `#content`. */
  async #hasMore(): Promise<boolean> {
    const decoder = this.#decoder;
    if (decoder === undefined) return false;
    while (this.#content.length === 0) {
      if (this.#compressed.length === 0) {
        const next = await this.#chunks?.next();
        if (next === undefined || next.done === true) {
          if (!decoder.ended) this.#unreadable();
          return false;
        }
        this.#compressed = next.value;
      }
      if (decoder.ended) this.#unreadable();
      const taken = decoder.take(this.#compressed, (content) => void (this.#content = content));
      if (decoder.wrong !== undefined) this.#unreadable();
      this.#compressed = this.#compressed.subarray(taken);
    }
    this.#hash.update(this.#content);
    return true;
  }

  #unreadable(): never {
    return fail(`segment ${this.#segment}`, 'It cannot be decompressed.');
  }
}
