import type { ApprovalAsked, ApprovalDecided, EntryType, RefusedEntry, TypedEntry } from '../entries/entries.js';
import type { RecordedProtocol } from '../recorded-protocol.js';
import type { ReplayedEntry, ReplayedForwarded, ReplayedNote, ReplayedOperation, ReplayedResult } from './teller.js';

/**
 * What a recording tells, one step for each operation from its arrival to its answer, in the order in which they were
 * answered; everything else is a step of its own. A step has all of its entries.
 */
export type StoryStep = {
  readonly session: number | undefined;
  readonly entries: readonly ReplayedEntry[];
} & (
  | {
      readonly kind: 'operation';
      readonly operation: ReplayedOperation;
      readonly asked: ApprovalAsked | undefined;
      readonly decided: ApprovalDecided | undefined;
      readonly forwarded: ReplayedForwarded | undefined;
      readonly result: ReplayedResult | undefined;
      readonly times: StepTimes;
    }
  | { readonly kind: 'note'; readonly note: ReplayedNote; readonly result: ReplayedResult | undefined }
  | { readonly kind: 'refused'; readonly refused: RefusedEntry }
  | { readonly kind: 'other' }
);

export type OperationStep = Extract<StoryStep, { kind: 'operation' }>;

/**
 * Microseconds on the recording's clock; each is whole, so that differences add up. `arrivedUs` is known once there is an
 * answer, which says how long ago that was; `forwardedUs` is undefined for what never went to the target.
 */
export interface StepTimes {
  readonly arrivedUs: number | undefined;
  readonly judgedUs: number;
  readonly decidedUs: number | undefined;
  readonly forwardedUs: number | undefined;
  readonly answeredUs: number | undefined;
}

interface OpenStep {
  readonly session: number;
  readonly entries: ReplayedEntry[];
}

/** Puts the entries of a recording together. */
export class Story {
  readonly #hasOneInFlight: boolean;
  /** By session where each has one operation at a time, else by operation. */
  readonly #open = new Map<number, OpenStep>();

  constructor({ inFlight }: Pick<RecordedProtocol, 'inFlight'>) {
    this.#hasOneInFlight = inFlight === 'one';
  }

  /** The steps that end with this entry. */
  take(replayed: ReplayedEntry): readonly StoryStep[] {
    const { entry } = replayed;
    switch (entry.type) {
      case 'operation':
      case 'note':
        return this.#begin(entry, replayed);
      case 'approval.asked':
      case 'approval.decided':
      case 'forwarded':
      case 'stream':
      case 'result': {
        const key = this.#keyOf(entry);
        const open = key === undefined ? undefined : this.#open.get(key);
        if (key === undefined || open === undefined) return [stepOf([replayed])]; // its beginning was not chosen
        open.entries.push(replayed);
        return entry.type === 'result' ? this.#end(key) : [];
      }
      case 'refused':
        return [...(this.#hasOneInFlight ? this.#endOf(entry.session) : []), stepOf([replayed])];
      default:
        return [...('session' in entry ? this.#endOf(entry.session) : []), stepOf([replayed])];
    }
  }

  /** What was under way when the recording, or the chosen part of it, ended. */
  rest(): readonly StoryStep[] {
    return [...this.#open.keys()].flatMap((key) => this.#end(key));
  }

  #begin(entry: TypedEntry<'operation' | 'note'>, replayed: ReplayedEntry): readonly StoryStep[] {
    const before = this.#hasOneInFlight ? this.#endOf(entry.session) : [];
    const key = this.#keyOf(entry);
    // Where several operations are under way, nothing says whether a note will be answered.
    if (key === undefined) return [...before, stepOf([replayed])];
    this.#open.set(key, { session: entry.session, entries: [replayed] });
    return before;
  }

  #keyOf(entry: { readonly session: number; readonly operation?: number }): number | undefined {
    return this.#hasOneInFlight ? entry.session : entry.operation;
  }

  #endOf(session: number): readonly StoryStep[] {
    if (this.#hasOneInFlight) return this.#end(session);
    return [...this.#open].flatMap(([key, open]) => (open.session === session ? this.#end(key) : []));
  }

  #end(key: number): readonly StoryStep[] {
    const open = this.#open.get(key);
    this.#open.delete(key);
    return open === undefined ? [] : [stepOf(open.entries)];
  }
}

/** An entry alone, where a recording is shown as it was written. */
export function stepOfEntry(replayed: ReplayedEntry): StoryStep {
  return { kind: 'other', session: undefined, entries: [replayed] };
}

function stepOf(entries: readonly ReplayedEntry[]): StoryStep {
  const [first] = entries;
  const session = first !== undefined && 'session' in first.entry ? first.entry.session : undefined;
  const result = entries.find((replayed) => replayed.kind === 'result');
  if (first?.kind === 'note') return { kind: 'note', session, entries, note: first, result };
  if (first?.entry.type === 'refused') return { kind: 'refused', session, entries, refused: first.entry };
  if (first?.kind !== 'operation') return { kind: 'other', session, entries };
  const forwarded = entries.findLast((replayed) => replayed.kind === 'forwarded');
  const [asked, decided] = [lastOf(entries, 'approval.asked'), lastOf(entries, 'approval.decided')];
  const { mono, verdict } = first.entry;
  const judgedUs = Math.round(mono);
  // What a worker has written after an interruption is on a clock of its own.
  const isKnown = result !== undefined && result.entry.outcome !== 'unknown' && result.entry.mono >= mono;
  const answeredUs = isKnown ? Math.round(result.entry.mono) : undefined;
  const tookUs = Math.round(result?.entry.durationUs ?? 0);
  const goesAtOnce = verdict === 'allow' && forwarded === undefined && asked === undefined;
  const times = {
    arrivedUs: answeredUs === undefined ? undefined : Math.min(answeredUs - tookUs, judgedUs),
    judgedUs,
    decidedUs: decided === undefined ? undefined : Math.round(decided.mono),
    forwardedUs: forwarded === undefined ? (goesAtOnce ? judgedUs : undefined) : Math.round(forwarded.entry.mono),
    answeredUs,
  };
  return { kind: 'operation', session, entries, operation: first, asked, decided, forwarded, result, times };
}

function lastOf<T extends EntryType>(entries: readonly ReplayedEntry[], type: T) {
  return entries
    .map(({ entry }) => entry)
    .findLast((entry): entry is Extract<typeof entry, { type: T }> => entry.type === type);
}
