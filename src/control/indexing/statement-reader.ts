import { z } from 'zod';
import type { ProtocolValue } from '../../domain/protocol-value.js';
import {
  NO_OUTCOME,
  indexedTexts,
  type OutcomeToIndex,
  type IndexedOutcome,
  type StatementToIndex,
} from '../../persistence/statements/indexed-statement.js';
import type { StatementBatch } from '../../persistence/statements/statement-index.repository.js';
import type { IndexedOperation, IndexedResult, OperationFollower } from '../../protocol/indexed-operations.js';
import type { Entry, TypedEntry } from '../../recording/entries/entries.js';
import { usOf } from './entry-time.js';

const outcome = z.object({
  decision: z.string().nullable(),
  decidedBy: z.array(z.string()),
  approval: z.string().nullable(),
  error: z.object({ code: z.string(), state: z.string().nullable() }).nullable(),
  rows: z.number().nullable(),
  changed: z.number().nullable(),
  durationUs: z.number().nullable(),
});

/** What is kept between two readings of one recording. */
const unfinishedState = z.object({
  open: z.array(z.object({ operation: z.int(), session: z.int(), atUs: z.number(), seq: z.int(), outcome })),
  memory: z.record(z.string(), z.unknown()).nullable(),
});
export type UnfinishedState = z.infer<typeof unfinishedState>;

const NOTHING_UNFINISHED: UnfinishedState = { open: [], memory: null };

/** What a reading left unfinished, as the index keeps it. */
export function unfinishedIn(stored: unknown): UnfinishedState {
  return stored === null || stored === undefined ? NOTHING_UNFINISHED : unfinishedState.parse(stored);
}

/** An operation that may still get a decision or a result. */
interface OpenOperation {
  readonly session: number;
  readonly atUs: number;
  readonly seq: number;
  /** As the index has it; undefined: it is not there yet. */
  stored: IndexedOutcome | undefined;
  outcome: IndexedOutcome;
  readonly statement: Omit<StatementToIndex, 'outcome'> | undefined;
}

/**
 * Makes statements of the entries of one recording, given in order. Where no follower knows the protocol, a statement is
 * what its envelope says.
 */
export class StatementReader {
  readonly #follower: OperationFollower | undefined;
  readonly #open: Map<number, OpenOperation>;
  #changed: OpenOperation[] = [];

  constructor(follower: OperationFollower | undefined, { open }: UnfinishedState) {
    this.#follower = follower;
    this.#open = new Map(
      open.map(({ operation, ...rest }) => [operation, { ...rest, stored: rest.outcome, statement: undefined }]),
    );
  }

  /** Statements that the next batch brings. */
  get size(): number {
    return this.#changed.length;
  }

  take(entry: Entry): void {
    switch (entry.type) {
      case 'operation':
        return this.#begin(entry, this.#follower?.operation(entry) ?? envelopeOf(entry));
      case 'result': {
        const result = this.#follower?.result(entry) ?? ENVELOPE_RESULT;
        if (entry.operation !== undefined) this.#end(entry.operation, entry, result);
        return;
      }
      case 'approval.asked':
        return this.#change(entry.operation, { decision: 'pending' });
      case 'approval.decided':
        return this.#change(entry.operation, {
          decision: entry.outcome,
          decidedBy: entry.decisions.map(({ by }) => by),
        });
      case 'forwarded':
        if (entry.approval !== undefined) this.#change(entry.operation, { approval: entry.approval });
        return this.#follower?.follow(entry);
      default:
        this.#follower?.follow(entry);
        if (entry.type === 'session.closed') this.#closeSession(entry.session);
    }
  }

  /** What was taken since the last batch; `done` is the last entry that was taken. */
  batch(done: Pick<Entry, 'seq' | 'prev'>): StatementBatch {
    const statements: StatementToIndex[] = [];
    const outcomes: OutcomeToIndex[] = [];
    for (const operation of this.#changed) {
      const { atUs, seq, stored, outcome: after, statement } = operation;
      if (stored !== undefined) outcomes.push({ atUs, seq, before: stored, after });
      else if (statement !== undefined) statements.push({ ...statement, outcome: after });
      operation.stored = after;
    }
    this.#changed = [];
    return { statements, outcomes, doneSeq: done.seq, donePrev: done.prev, unfinished: this.#unfinished() };
  }

  #begin(entry: TypedEntry<'operation'>, indexed: IndexedOperation): void {
    const { session, operation, seq, verdict, policies } = entry;
    const { kind, database, tables, inTransaction } = indexed;
    const atUs = usOf(entry.at);
    const opened: OpenOperation = {
      session,
      atUs,
      seq,
      stored: undefined,
      outcome: NO_OUTCOME,
      statement: {
        atUs,
        seq,
        operation,
        verdict,
        policies,
        kind,
        database,
        tables,
        inTransaction,
        ...indexedTexts(indexed),
      },
    };
    this.#open.set(operation, opened);
    this.#changed.push(opened);
  }

  #end(operation: number, { durationUs }: TypedEntry<'result'>, { rows, changed, error }: IndexedResult): void {
    this.#change(operation, { rows, changed, error, durationUs: Math.round(durationUs) });
    this.#open.delete(operation);
  }

  #change(operation: number, known: Partial<IndexedOutcome>): void {
    const open = this.#open.get(operation);
    if (open === undefined) return;
    open.outcome = { ...open.outcome, ...known };
    if (open.stored !== undefined && !this.#changed.includes(open)) this.#changed.push(open);
  }

  /** What was not answered in its session is not answered any more. */
  #closeSession(session: number): void {
    for (const [operation, open] of this.#open) {
      if (open.session === session) this.#open.delete(operation);
    }
  }

  #unfinished(): UnfinishedState {
    const open = [...this.#open].map(([operation, { session, atUs, seq, outcome: known }]) => ({
      operation,
      session,
      atUs,
      seq,
      outcome: { ...known, decidedBy: [...known.decidedBy] },
    }));
    return { open, memory: memoryOf(this.#follower) };
  }
}

function memoryOf(follower: OperationFollower | undefined): Record<string, unknown> | null {
  const memory: ProtocolValue | undefined = follower?.memory();
  return memory === undefined ? null : { ...memory };
}

const ENVELOPE_RESULT: IndexedResult = { rows: null, changed: null, error: null };

function envelopeOf({ name, shape }: TypedEntry<'operation'>): IndexedOperation {
  const text = shape === null ? name : `${name} ${shape}`;
  return { kind: name, database: null, tables: [], text, wording: text, bound: null, inTransaction: null };
}
