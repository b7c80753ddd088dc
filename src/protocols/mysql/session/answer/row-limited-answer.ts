import { BrokerError } from '../../../../kernel/errors.js';
import { bytesInTargetsName } from '../../said-by-target.js';
import { CLIENT_SESSION_TRACK } from '../../wire/login/capabilities.js';
import { encodePackets, PACKET_HEADER_BYTES } from '../../wire/packet.js';
import type { ResponseTracker } from '../../wire/response/response-tracker.js';
import { OwnStatementRefused } from '../own/own-exchange.js';
import { type RowLimitBracket, rowLimitBracket } from '../own/own-statements.js';
import { errorOf, packetOf } from './error-packets.js';
import { rowsHit, withoutTransaction } from './row-limit.js';

/** What the client of a statement with a row limit is told. */
export interface LimitedOutcome extends Pick<ResponseTracker, 'results' | 'error'> {
  /** With its packet's header. */
  readonly bytes: Buffer;
}

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
  readonly #tracksSession: boolean;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(rowsMax: number, commitsEachStatement: boolean, capabilities: number) {
    this.#rowsMax = rowsMax;
    this.#ownTransaction = commitsEachStatement;
    this.#tracksSession = (capabilities & CLIENT_SESSION_TRACK) !== 0;
    this.bracket = rowLimitBracket(commitsEachStatement);
  }

  /** Copies a part of the answer. @throws BrokerError `target_protocol_violation` */
  withhold(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > ANSWER_BYTES_MAX) {
      throw new BrokerError('target_protocol_violation', {
        detail: "The target's answer to a change of rows has no end.",
      });
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
      return { bytes: bytesInTargetsName(answer), results, error };
    }
    const rows = results.reduce((sum, result) => sum + (result.kind === 'ok' ? rowsHit(result) : 0n), 0n);
    if (rows > BigInt(this.#rowsMax)) {
      await run(this.bracket.undo);
      const over = errorOf('rows_over_approved', `It changed ${rows} rows, and ${this.#rowsMax} were approved.`);
      return { bytes: packetOf(over, answer.readUInt8(PACKET_HEADER_BYTES - 1)), results: [], error: over };
    }
    await run(this.bracket.keep);
    return { bytes: this.#ownTransaction ? this.#withoutOwnTransaction(answer) : answer, results, error };
  }

  /** An OK packet has a few bytes: it is never split. */
  #withoutOwnTransaction(answer: Buffer): Buffer {
    const payload = answer.subarray(PACKET_HEADER_BYTES);
    return encodePackets(answer.readUInt8(PACKET_HEADER_BYTES - 1), withoutTransaction(payload, this.#tracksSession));
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
