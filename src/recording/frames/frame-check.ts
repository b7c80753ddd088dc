import { createHash } from 'node:crypto';
import { StreamHash, type Hashing } from '../chain/hashing.js';
import { seqOfLine } from '../chain/lines.js';
import type { ManifestFrames } from '../seal/manifest.js';
import { FrameUnreadable, readFrames } from './frame-codec.js';
import { indexLine } from './frame-index.js';
import { PackingCheck } from './frame-packing.js';

/** Reads the frames of a sealed recording, all of them, and adds up what the seal must say of them. */
export class FrameCheck {
  readonly #chunks: AsyncIterable<Buffer>;
  readonly #sha256: StreamHash;
  readonly #index = createHash('sha256');
  readonly #packing = new PackingCheck();
  #count = 0;
  #bytes = 0;

  constructor(chunks: AsyncIterable<Buffer>, hashing: Hashing) {
    this.#chunks = chunks;
    this.#sha256 = new StreamHash(hashing);
  }

  /** The lines of each frame. Once. Throws `FrameUnreadable`, for what is wrong with a frame after its lines were given. */
  async *lines(): AsyncGenerator<Buffer> {
    for await (const { bytes, content } of readFrames(this.#hashed())) {
      const offset = this.#bytes;
      this.#count += 1;
      this.#bytes += bytes.length;
      this.#index.update(indexLine({ seq: seqOfLine(content) ?? 0, offset }));
      yield content;
      const wrong = this.#packing.accept(content);
      if (wrong !== undefined) throw new FrameUnreadable(this.#count, wrong);
    }
  }

  async *#hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of this.#chunks) {
      await this.#sha256.update(chunk);
      yield chunk;
    }
  }

  /** After all lines. The digest of the index is that of the one index these frames can have. Once. */
  async found(): Promise<ManifestFrames> {
    return {
      count: this.#count,
      bytes: this.#bytes,
      sha256: await this.#sha256.digest(),
      indexSha256: this.#index.digest('hex'),
    };
  }
}
