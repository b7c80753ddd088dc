import type { FieldPacket, ResultSetHeader } from 'mysql2';
import type { RowBounds, StatementOutcome } from '../../../protocol/statement-runner.js';
import { doneOf, typeNameOf } from './driver-answers.js';
import { ToldRows } from './told-rows.js';

export type RunBounds = RowBounds & { readonly signal: AbortSignal };

/** The results of one statement as the driver tells them; the first that has rows is told. */
export class ReadResults {
  readonly #bounds: RunBounds;
  readonly #settle: (outcome: StatementOutcome) => void;
  #rows: ToldRows | undefined;
  #isFirst = true;
  #further = 0;
  /** Of what came since the driver told of something: a row that is not whole yet. */
  #bytes = 0;
  #done: ResultSetHeader | undefined;

  constructor(bounds: RunBounds, settle: (outcome: StatementOutcome) => void) {
    this.#bounds = bounds;
    this.#settle = settle;
  }

  /**
   * Bytes came from the server. A row has no limit at the server, columns of megabytes each, and is never read for longer
   * than the bounds have it: all that was told before is the answer.
   */
  came(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#bounds.bytesMax) return;
    if (this.#rows !== undefined) return this.#settle(this.#rows.outcome(this.#isFirst, this.#further));
    const message = `The answer is larger than ${this.#bounds.bytesMax} bytes, and was not read.`;
    this.#settle({ kind: 'failed', code: 'ANSWER_TOO_LARGE', state: null, message });
  }

  begin(fields: readonly FieldPacket[] | undefined): void {
    this.#bytes = 0;
    if (fields === undefined) return;
    this.#isFirst = this.#rows === undefined;
    if (this.#isFirst) this.#rows = new ToldRows(fields.map(columnOf), this.#bounds);
    else this.#further += 1;
  }

  take(result: unknown): void {
    this.#bytes = 0;
    if (!Array.isArray(result)) {
      this.#done ??= result as ResultSetHeader;
      return;
    }
    if (!this.#isFirst || this.#rows === undefined) return;
    if (this.#rows.isFull) this.#settle(this.#rows.outcome(true, this.#further));
    else this.#rows.take(result);
  }

  end(): void {
    if (this.#rows !== undefined) return this.#settle(this.#rows.outcome(false, this.#further));
    this.#settle(doneOf(this.#done ?? {}));
  }
}

function columnOf({ name, columnType }: FieldPacket): { readonly name: string; readonly type: string } {
  return { name, type: typeNameOf(columnType) };
}
