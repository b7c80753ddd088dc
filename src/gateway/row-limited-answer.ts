import { BrokerError, type ErrorCode } from '../kernel/errors.js';
import { PACKET_HEADER_BYTES } from '../wire/mysql/packet.js';
import { OK_HEADER, SERVER_STATUS_IN_TRANS } from '../wire/mysql/packets.js';
import type { ResponseTracker } from '../wire/mysql/response-tracker.js';
import { OwnStatementRefused } from './own-exchange.js';
import { type RowLimitBracket, rowLimitBracket } from './own-statements.js';

/** What the client of a statement with a row limit is told. */
export type LimitedOutcome =
  | { readonly kind: 'answer'; readonly bytes: Buffer }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: string };

/** The answer to a change of rows is one OK or ERR packet; whatever is longer is none. */
const ANSWER_BYTES_MAX = 1024 * 1024;

/**
 * Holds the answer to a statement back until its changes are kept or undone: a client that was told OK for what is
 * rolled back a moment later would be told wrong.
 */
export class RowLimit {
  readonly bracket: RowLimitBracket;
  readonly #rowsMax: number;
  readonly #ownTransaction: boolean;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(rowsMax: number, commitsEachStatement: boolean) {
    this.#rowsMax = rowsMax;
    this.#ownTransaction = commitsEachStatement;
    this.bracket = rowLimitBracket(commitsEachStatement);
  }

  /** Copies a part of the answer. @throws BrokerError `target_protocol_violation` */
  withhold(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > ANSWER_BYTES_MAX) {
      throw new BrokerError('target_protocol_violation', { detail: 'The answer to a change of rows has no end.' });
    }
    this.#chunks.push(Buffer.from(part));
  }

  /** Keeps or undoes what was changed. @throws what `run` does when the target is gone */
  async settle(
    { results, error }: Pick<ResponseTracker, 'results' | 'error'>,
    run: (statement: string) => Promise<unknown>,
  ): Promise<LimitedOutcome> {
    const answer = Buffer.concat(this.#chunks);
    if (error !== undefined) {
      await this.#undo(run);
      return { kind: 'answer', bytes: answer };
    }
    const rows = results.reduce((sum, result) => sum + changedRows(result), 0n);
    if (rows > BigInt(this.#rowsMax)) {
      await run(this.bracket.undo);
      return {
        kind: 'refused',
        code: 'rows_over_approved',
        detail: `It changed ${rows} rows, and ${this.#rowsMax} were approved.`,
      };
    }
    await run(this.bracket.keep);
    return { kind: 'answer', bytes: this.#ownTransaction ? withoutTransactionFlag(answer) : answer };
  }

  /** After an error the target may have rolled all of it back itself; then there is nothing to undo. */
  async #undo(run: (statement: string) => Promise<unknown>): Promise<void> {
    try {
      await run(this.bracket.undo);
    } catch (error) {
      if (!(error instanceof OwnStatementRefused)) throw error;
    }
  }
}

/** `Rows matched: 5  Changed: 3  Warnings: 0`: what was approved are the rows that matched. */
const ROWS_MATCHED = /^Rows matched: (\d{1,20}) /;

/** The rows that a statement hit, also those that had the new value already. */
export function changedRows(result: ResponseTracker['results'][number]): bigint {
  if (result.kind !== 'ok') return 0n;
  const matched = ROWS_MATCHED.exec(result.info)?.[1];
  const affected = BigInt(result.affectedRows);
  return matched === undefined || BigInt(matched) < affected ? affected : BigInt(matched);
}

/** The OK packet as the client would have got it without the gateway's transaction around its statement. */
export function withoutTransactionFlag(answer: Buffer): Buffer {
  const patched = Buffer.from(answer);
  if (patched[PACKET_HEADER_BYTES] !== OK_HEADER) return patched;
  const at = afterLenenc(patched, afterLenenc(patched, PACKET_HEADER_BYTES + 1));
  if (at + 2 > patched.length) return patched;
  patched.writeUInt16LE(patched.readUInt16LE(at) & ~SERVER_STATUS_IN_TRANS, at);
  return patched;
}

/** Where a length-encoded integer ends that starts at `at`. */
function afterLenenc(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first === 0xfc) return at + 3;
  if (first === 0xfd) return at + 4;
  return first === 0xfe ? at + 9 : at + 1;
}
