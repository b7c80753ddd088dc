import { createHash, hash, type Hash } from 'node:crypto';
import type { BytesReference } from '../entries/entries.js';

/** Where a capture keeps its bytes; the writer is the one implementation. */
export interface ResponseSink {
  /** Grants up to `bytes` of the grant's budget and of memory; gives how many may be kept. */
  reserve(bytes: number): number;
  /** Gives back what was reserved and will not be placed. */
  release(bytes: number): void;
  /**
   * Says where the slices will be, contiguous, once the entry that refers to them is appended. Until then they stay as they
   * are; after that only those longer than `COPIED_BYTES_MAX` do.
   */
  place(slices: readonly Buffer[], bytes: number): { readonly segment: number; readonly offset: number };
}

/** Slices up to this long are copied when they are queued; longer ones are queued as they are. */
export const COPIED_BYTES_MAX = 16 * 1024;

/** Up to this size a response is hashed in one call at its end, which costs half of a streaming hash. */
const ONE_SHOT_BYTES_MAX = 16 * 1024;
const oneShot = Buffer.allocUnsafeSlow(ONE_SHOT_BYTES_MAX);

/**
 * Collects one response after the other: `take` every slice that the client is sent, then `finish`. The slices are the
 * caller's again after `take`, but for the last one. One capture for a session serves all its responses.
 */
export class ResponseCapture {
  readonly #sink: ResponseSink;
  readonly #bytesMax: number;
  #slices: Buffer[] = [];
  #seen = 0;
  #kept = 0;
  #cut = false;
  /** Present once the response is too long, or no longer whole in memory, for one call at the end. */
  #stream: Hash | undefined;

  constructor(sink: ResponseSink, responseBytesPerStatementMax: number) {
    this.#sink = sink;
    this.#bytesMax = responseBytesPerStatementMax;
  }

  /** Bytes of the response so far. */
  get bytes(): number {
    return this.#seen;
  }

  /**
   * Takes the next bytes of the response. With `isLast` they must stay as they are until the entry that `finish` gave the
   * reference for is appended: most responses are one short slice, which is not copied twice then.
   */
  take(slice: Buffer, isLast = false): void {
    if (slice.length === 0) return;
    const room = this.#cut ? 0 : this.#sink.reserve(Math.min(slice.length, this.#bytesMax - this.#kept));
    this.#cut ||= room < slice.length;
    if (this.#stream === undefined && (this.#cut || this.#seen + slice.length > ONE_SHOT_BYTES_MAX)) {
      // Until now every slice was kept whole, so nothing was missed.
      this.#stream = createHash('sha256');
      for (const earlier of this.#slices) this.#stream.update(earlier);
    }
    this.#stream?.update(slice);
    if (room > 0) {
      const kept = room === slice.length ? slice : slice.subarray(0, room);
      this.#slices.push(isLast && room <= COPIED_BYTES_MAX ? kept : Buffer.from(kept));
    }
    this.#kept += room;
    this.#seen += slice.length;
  }

  /**
   * Ends the response. The entry that carries the reference must be appended before another response of the grant is
   * finished: the bytes are written with it, and forgotten without it. The capture is then ready for the next response.
   */
  finish(): BytesReference {
    const sha256 = this.#digest();
    const place = this.#kept === 0 ? { segment: 0, offset: 0 } : this.#sink.place(this.#slices, this.#kept);
    const reference = { bytes: this.#seen, kept: this.#kept, sha256, segment: place.segment, offset: place.offset };
    this.#clear();
    return reference;
  }

  /** Forgets what was taken since the last `finish`. */
  discard(): void {
    this.#sink.release(this.#kept);
    this.#clear();
  }

  #digest(): string {
    if (this.#stream !== undefined) return this.#stream.digest('hex');
    const [only] = this.#slices;
    if (only !== undefined && this.#slices.length === 1) return hash('sha256', only);
    let filled = 0;
    for (const slice of this.#slices) {
      oneShot.set(slice, filled);
      filled += slice.length;
    }
    return hash('sha256', oneShot.subarray(0, filled));
  }

  #clear(): void {
    this.#slices = [];
    this.#seen = 0;
    this.#kept = 0;
    this.#cut = false;
    this.#stream = undefined;
  }
}
