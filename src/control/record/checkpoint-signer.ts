import type { AdminRecordRepository } from '../../persistence/record/admin-record.repository.js';
import type { RecordHead, RecordReader } from '../../persistence/record/record-reader.js';
import type { Signer } from '../../recording/seal/signer.js';
import { readCheckpoint, signCheckpoint } from '../../record/checkpoint.js';
import { type ChainPosition, RECORD_START, type RecordProblem } from '../../record/record-check.js';
import { checkRecord } from '../../record/record-report.js';
import type { SealPublicKey } from '../keys/seal-keys.js';
import { type RecordEnd, recordEnd, storedRecord } from './stored-record.js';

export interface CheckpointLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface CheckpointMetrics {
  /** Whether what the last look saw of the administrative record holds. */
  recordHolds(holds: boolean): void;
}

export interface CheckpointSignerParts {
  readonly reader: RecordReader;
  readonly entries: AdminRecordRepository;
  readonly signer: Signer;
  /** The public keys of all seals that the broker has published. */
  readonly keys: () => Promise<readonly SealPublicKey[]>;
  readonly log: CheckpointLog;
  readonly metrics: CheckpointMetrics;
}

/** Ended at one look; what is left comes with the next. */
const REPEATS_AT_ONCE_MAX = 500;

/**
 * Signs where the chain of the administrative record stands, whenever it has moved; each time only after it has followed
 * the chain from what was signed last, so that what does not hold is not signed for. The log has every checkpoint: kept
 * elsewhere, it shows when the record lacks its end.
 */
export class CheckpointSigner {
  readonly #parts: CheckpointSignerParts;
  #signed: ChainPosition | undefined;

  constructor(parts: CheckpointSignerParts) {
    this.#parts = parts;
  }

  async look(): Promise<void> {
    await this.#endRepeats();
    const { reader, log, metrics } = this.#parts;
    const from = this.#signed ?? (await this.#lastSigned());
    const end = await recordEnd(reader);
    const problem = 'what' in from ? from : await this.#problemBetween(from, end);
    metrics.recordHolds(problem === undefined);
    if (problem !== undefined) {
      log.error({ ...problem }, 'the administrative record does not hold; the worker signs no checkpoint of it');
      return;
    }
    if (!('what' in from)) this.#signed = from;
    const { head } = end;
    if (head !== undefined && head.seq > (this.#signed?.seq ?? 0)) await this.#sign(head);
  }

  /** What was repeated has its entry once it is over. */
  async #endRepeats(): Promise<void> {
    for (let ended = 0; ended < REPEATS_AT_ONCE_MAX; ended += 1) {
      if (!(await this.#parts.entries.endRepeat())) return;
    }
  }

  /** Of whichever worker. */
  async #lastSigned(): Promise<ChainPosition | RecordProblem> {
    const last = await this.#parts.reader.lastCheckpoint();
    if (last === undefined) return RECORD_START;
    const read = await readCheckpoint(last.jws, await this.#parts.keys());
    return 'wrong' in read ? { entry: last.seq, what: `Its checkpoint does not hold. ${read.wrong}` } : read;
  }

  async #problemBetween(from: ChainPosition, { head, signedTo }: RecordEnd): Promise<RecordProblem | undefined> {
    if (head === undefined) return { entry: from.seq + 1, what: 'The head of the record is missing.' };
    if (head.seq < from.seq) {
      return { entry: head.seq + 1, what: `Entry ${head.seq + 1} is missing: entry ${from.seq} was signed for.` };
    }
    const keys = await this.#parts.keys();
    const items = storedRecord(this.#parts.reader, { after: from.seq, to: head.seq, signedTo });
    const report = await checkRecord(items, { from, keys, to: head });
    return report.ok ? undefined : report.problem;
  }

  async #sign({ seq, hash, nowMs }: RecordHead): Promise<void> {
    const { reader, signer, log } = this.#parts;
    const jws = await signCheckpoint(signer, { seq, hash, at: new Date(nowMs).toISOString() });
    await reader.insertCheckpoint({ seq, jws, atMs: nowMs });
    this.#signed = { seq, hash };
    log.info({ seq, hash, checkpoint: jws }, 'the administrative record was signed for');
  }
}
