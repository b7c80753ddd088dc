import { assert } from '../../kernel/assert.js';
import { StreamHash, type Hashing } from '../chain/hashing.js';

/** The uncompressed bytes of a segment, from its start. */
export type OpenSegment = (segment: number) => AsyncIterable<Buffer>;

/** A segment's bytes could not be decompressed. */
export class SegmentUnreadable extends Error {
  readonly segment: number;

  constructor(segment: number, cause: unknown) {
    super(`Segment ${segment} cannot be read.`, { cause });
    this.name = 'SegmentUnreadable';
    this.segment = segment;
  }
}

const EMPTY = Buffer.alloc(0);

/** Reads the segments forward only, one after the other. Given a `hashing`, hashes all it reads. Memory: a few chunks. */
export class SegmentCursor {
  readonly #open: OpenSegment;
  readonly #hashing: Hashing | undefined;
  #segment = 0;
  #offset = 0;
  #chunks: AsyncIterator<Buffer> | undefined;
  #chunk: Buffer = EMPTY;
  #at = 0;
  #hash: StreamHash | undefined;

  constructor(open: OpenSegment, hashing?: Hashing) {
    this.#open = open;
    this.#hashing = hashing;
  }

  /** The segment that is being read; 0 before the first. */
  get segment(): number {
    return this.#segment;
  }

  /** Bytes of the segment taken so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Goes to the start of the next segment. */
  next(): void {
    this.#segment += 1;
    this.#offset = 0;
    this.#chunks = this.#open(this.#segment)[Symbol.asyncIterator]();
    this.#chunk = EMPTY;
    this.#at = 0;
    this.#hash = this.#hashing === undefined ? undefined : new StreamHash(this.#hashing);
  }

  /** How many of the next bytes are in memory already. */
  get hereBytes(): number {
    return this.#chunk.length - this.#at;
  }

  /** The next bytes when they are all in memory already. */
  takeHere(length: number): Buffer | undefined {
    if (length > this.#chunk.length - this.#at) return undefined;
    const bytes = this.#chunk.subarray(this.#at, this.#at + length);
    this.#at += length;
    this.#offset += length;
    return bytes;
  }

  /** Gives exactly the next `length` bytes in parts; false when the segment ends before. */
  async take(length: number, onBytes: (bytes: Buffer) => void): Promise<boolean> {
    let left = length;
    while (left > 0) {
      const bytes = this.takeHere(Math.min(left, this.#chunk.length - this.#at));
      if (bytes !== undefined && bytes.length > 0) {
        onBytes(bytes);
        left -= bytes.length;
      } else if (!(await this.hasMore())) {
        return false;
      }
    }
    return true;
  }

  /** True when the segment has bytes beyond the offset. */
  async hasMore(): Promise<boolean> {
    while (this.#at === this.#chunk.length) {
      if (this.#chunks === undefined) return false;
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      this.#chunk = next.value;
      this.#at = 0;
      await this.#hash?.update(next.value);
    }
    return true;
  }

  /** SHA-256 over all bytes read, hex; at a segment's end, that of the segment. Once for each segment. */
  async digest(): Promise<string> {
    assert(this.#hash !== undefined, 'only a cursor that hashes has digests');
    return this.#hash.digest();
  }

  /** Gives back what the open segment holds. */
  async close(): Promise<void> {
    await this.#chunks?.return?.();
    this.#chunks = undefined;
  }
}
