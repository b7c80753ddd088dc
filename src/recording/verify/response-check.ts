import { createHash, hash } from 'node:crypto';
import { assert } from '../../kernel/assert.js';
import type { Hashing } from '../chain/hashing.js';
import type { PendingResponse } from './line-check.js';
import { entryProblem, segmentProblem, type Problem } from './problem.js';
import { SegmentCursor, SegmentUnreadable, type OpenSegment } from './segment-cursor.js';

/** A segment's uncompressed bytes. */
export interface RawSegment {
  readonly number: number;
  readonly rawBytes: number;
  readonly rawSha256: string;
}

export interface ResponseCheckOptions {
  readonly hashing: Hashing;
  readonly openSegment: OpenSegment;
  readonly segmentCount: number;
  /** Compares a segment that was read to its end with what the seal says. */
  readonly expectSegment: ((segment: RawSegment) => Problem | undefined) | undefined;
}

/**
 * Follows the references of the entries through the segments: each begins where the one before ended, so that together
 * they are all bytes there are, and each has the digest that its entry says.
 */
export class ResponseCheck {
  readonly #options: ResponseCheckOptions;
  readonly #cursor: SegmentCursor;
  readonly #finished: RawSegment[] = [];

  constructor(options: ResponseCheckOptions) {
    this.#options = options;
    this.#cursor = new SegmentCursor(options.openSegment, options.hashing);
  }

  /** The segments read to their end. */
  get segments(): readonly RawSegment[] {
    return this.#finished;
  }

  /** Reads the bytes of the next references. */
  async check(responses: readonly PendingResponse[]): Promise<Problem | undefined> {
    return this.#guarded(async () => {
      for (const pending of responses) {
        const problem = this.#isHere(pending) ? this.#checkHere(pending) : await this.#checkOne(pending);
        if (problem !== undefined) return problem;
      }
      return undefined;
    });
  }

  /** After the last entry: nothing may be left over. */
  async end(): Promise<Problem | undefined> {
    return this.#guarded(async () => {
      const left = await this.#finishSegment();
      if (left !== undefined) return left;
      return this.#cursor.segment < this.#options.segmentCount
        ? segmentProblem(this.#cursor.segment + 1, 'No entry refers to it.')
        : undefined;
    });
  }

  /** Gives back what the open segment holds. */
  async close(): Promise<void> {
    await this.#cursor.close();
  }

  async #checkOne({ entry, response }: PendingResponse): Promise<Problem | undefined> {
    if (response.segment === this.#cursor.segment + 1) {
      const left = await this.#finishSegment();
      if (left !== undefined) return { ...left, entry };
      if (response.segment > this.#options.segmentCount)
        return entryProblem(entry, `There is no segment ${response.segment}.`);
      this.#cursor.next();
    }
    if (response.segment !== this.#cursor.segment || response.offset !== this.#cursor.offset) {
      return entryProblem(entry, 'Its response does not begin where the one before ended.');
    }
    const digest = createHash('sha256');
    if (!(await this.#cursor.take(response.kept, (bytes) => digest.update(bytes)))) {
      return entryProblem(entry, `Its response goes beyond the end of segment ${response.segment}.`);
    }
    const isWhole = response.kept === response.bytes;
    return !isWhole || digest.digest('hex') === response.sha256 ? undefined : otherDigest(entry);
  }

  /** True when it begins where the cursor stands, and its bytes are in memory. Nearly all are: none of these waits. */
  #isHere({ response }: PendingResponse): boolean {
    const { segment, offset, hereBytes } = this.#cursor;
    return response.segment === segment && response.offset === offset && response.kept <= hereBytes;
  }

  #checkHere({ entry, response }: PendingResponse): Problem | undefined {
    const here = this.#cursor.takeHere(response.kept);
    assert(here !== undefined, 'its bytes are in memory');
    const isWhole = response.kept === response.bytes;
    return !isWhole || hash('sha256', here) === response.sha256 ? undefined : otherDigest(entry);
  }

  async #finishSegment(): Promise<Problem | undefined> {
    const number = this.#cursor.segment;
    if (number === 0) return undefined;
    if (await this.#cursor.hasMore()) {
      return segmentProblem(number, `No entry refers to its bytes from ${this.#cursor.offset} on.`);
    }
    const segment = { number, rawBytes: this.#cursor.offset, rawSha256: await this.#cursor.digest() };
    this.#finished.push(segment);
    return this.#options.expectSegment?.(segment);
  }

  async #guarded(read: () => Promise<Problem | undefined>): Promise<Problem | undefined> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof SegmentUnreadable) return segmentProblem(error.segment, 'It cannot be decompressed.');
      throw error;
    }
  }
}

function otherDigest(entry: number): Problem {
  return entryProblem(entry, 'The digest of its response is not that of the bytes that were kept.');
}
