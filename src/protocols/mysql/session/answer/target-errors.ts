import { bytesInTargetsName } from '../../said-by-target.js';
import type { ResponseTracker } from '../../wire/response/response-tracker.js';

/**
 * Sees to it that no error of a target reads as one of the broker's, however its bytes come. Of an answer without an
 * error it looks at nothing but whether there is one, and rows are never looked at.
 */
export class TargetErrors {
  readonly #tracker: Pick<ResponseTracker, 'error' | 'errorBytes' | 'errorBytesBegun'>;
  /** Of an ERR packet that is not whole yet, as it came. */
  #begun: Buffer[] = [];

  constructor(tracker: Pick<ResponseTracker, 'error' | 'errorBytes' | 'errorBytesBegun'>) {
    this.#tracker = tracker;
  }

  /** What the client is to read of the part that the tracker has followed last; undefined for nothing yet. */
  partFor(part: Buffer): Buffer | undefined {
    const { error, errorBytesBegun } = this.#tracker;
    if (error !== undefined) return this.#said(part);
    return errorBytesBegun === 0 ? part : this.#withhold(part, errorBytesBegun);
  }

  /** Only once the error is whole it can be told whose name is in it. */
  #withhold(part: Buffer, begunBytes: number): Buffer | undefined {
    const from = Math.max(0, part.length - begunBytes);
    this.#begun.push(Buffer.from(part.subarray(from)));
    return from === 0 ? undefined : part.subarray(0, from);
  }

  /** The end of an answer: the error's packet is the last. */
  #said(part: Buffer): Buffer {
    const rest = this.#begun.length === 0 ? part : Buffer.concat([...this.#begun, part]);
    this.#begun = [];
    const from = rest.length - this.#tracker.errorBytes;
    const error = rest.subarray(from);
    const said = bytesInTargetsName(error);
    return said === error ? rest : Buffer.concat([rest.subarray(0, from), said]);
  }
}
