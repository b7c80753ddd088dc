import type { JWK } from 'jose';
import { type Checkpoint, readCheckpoint, type SignedCheckpoint } from './checkpoint.js';
import { type ChainPosition, RecordCheck, type RecordProblem } from './record-check.js';

/** One line of what is checked, in the order of the record: an entry, or a checkpoint of the entry before. */
export type RecordLine =
  | {
      readonly line: string;
      /** What the place that the line comes from says is wrong with it; undefined: nothing. */
      readonly wrong?: string | undefined;
    }
  | { readonly checkpoint: string }
  /** A line that is neither. */
  | { readonly stray: string };

export interface RecordCheckOptions {
  /** Where the items begin; without it at the beginning of the record. */
  readonly from?: ChainPosition;
  /** The public keys of the broker; without them any key is good enough. */
  readonly keys?: readonly JWK[] | undefined;
  /** Checkpoints that were kept elsewhere, in order: the record must have what they are of. */
  readonly kept?: readonly Checkpoint[];
  /** The last entry that there must be. */
  readonly to?: ChainPosition | undefined;
}

/** Everything holds, or the first thing that does not. */
export type RecordReport =
  | {
      readonly ok: true;
      readonly entries: number;
      /** Of the last entry. */
      readonly last: (ChainPosition & { readonly at: string }) | null;
      readonly checkpoints: number;
      /** The last of them; null: no entry was signed for. */
      readonly signed: SignedCheckpoint | null;
      /** Entries after it, which nothing but the chain holds. */
      readonly unsigned: number;
    }
  | {
      readonly ok: false;
      /** Those before the one that does not hold. */
      readonly entries: number;
      readonly problem: RecordProblem;
    };

/** Checks the administrative record, or a part of it, item by item; memory does not grow with it. */
export async function checkRecord(
  items: AsyncIterable<RecordLine>,
  options: RecordCheckOptions = {},
): Promise<RecordReport> {
  const state = new CheckState(options);
  for await (const item of items) {
    const problem = await state.take(item);
    if (problem !== undefined) return state.failed(problem);
  }
  const problem = state.end();
  return problem === undefined ? state.holds() : state.failed(problem);
}

class CheckState {
  readonly #check: RecordCheck;
  readonly #options: RecordCheckOptions;
  #kept: readonly Checkpoint[];
  #checkpoints = 0;
  #signed: SignedCheckpoint | null = null;

  constructor(options: RecordCheckOptions) {
    this.#options = options;
    this.#check = new RecordCheck(options.from);
    const { seq } = this.#check.point;
    this.#kept = (options.kept ?? []).filter((checkpoint) => checkpoint.seq > seq);
  }

  async take(item: RecordLine): Promise<RecordProblem | undefined> {
    if ('checkpoint' in item) return this.#takeCheckpoint(item.checkpoint);
    const next = this.#check.point.seq + 1;
    if ('stray' in item) return { entry: next, what: `In the place of entry ${next} stands ${item.stray}.` };
    const problem = this.#check.take(item.line);
    if (problem !== undefined) return problem;
    if (item.wrong !== undefined) return { entry: next, what: `Entry ${next} ${item.wrong}` };
    return this.#passKept();
  }

  /** What must have come and did not. */
  end(): RecordProblem | undefined {
    const [kept] = this.#kept;
    if (kept !== undefined) return this.#check.passes(kept);
    const { to } = this.#options;
    const { seq, hash } = this.#check.point;
    if (to === undefined || (to.seq === seq && to.hash === hash)) return undefined;
    if (to.seq > seq) return { entry: seq + 1, what: `Entry ${seq + 1} is missing: the last one is entry ${to.seq}.` };
    if (to.seq < seq)
      return { entry: to.seq + 1, what: `Entry ${to.seq + 1} was added: the last one is entry ${to.seq}.` };
    return { entry: seq, what: `Entry ${seq} is not the last one that is said to be there.` };
  }

  failed(problem: RecordProblem): RecordReport {
    const before = problem.entry - 1 - (this.#check.point.seq - this.#check.entries);
    return { ok: false, entries: Math.max(0, Math.min(this.#check.entries, before)), problem };
  }

  holds(): RecordReport {
    const { entries, last, point } = this.#check;
    const signedSeq = this.#signed?.seq ?? point.seq - entries;
    return {
      ok: true,
      entries,
      last: last === undefined ? null : { ...point, at: last.at },
      checkpoints: this.#checkpoints,
      signed: this.#signed,
      unsigned: point.seq - signedSeq,
    };
  }

  async #takeCheckpoint(jws: string): Promise<RecordProblem | undefined> {
    const read = await readCheckpoint(jws, this.#options.keys);
    const { seq } = this.#check.point;
    if ('wrong' in read) return { entry: seq, what: `The checkpoint after entry ${seq} does not hold. ${read.wrong}` };
    const problem = this.#check.passes(read);
    if (problem !== undefined) return problem;
    this.#checkpoints += 1;
    this.#signed = read;
    return undefined;
  }

  #passKept(): RecordProblem | undefined {
    const [kept] = this.#kept;
    if (kept === undefined || kept.seq > this.#check.point.seq) return undefined;
    this.#kept = this.#kept.slice(1);
    return this.#check.passes(kept) ?? this.#passKept();
  }
}
