import type { MarkKind } from '../../domain/recorded.js';
import { unreachable } from '../../kernel/assert.js';
import type { Entry, TypedEntry } from '../entries/entries.js';
import type { RecordedReplay } from '../replay/teller.js';
import { Density, type Mark, MarkLane, type ThinnedMarks } from './mark-lanes.js';
import { OperationEffects } from './operation-effects.js';

/** The index of a recording: derived from its entries, and no evidence. */
export interface Marks {
  readonly entries: number;
  readonly statements: number;
  readonly durationUs: number;
  readonly firstAt: string | null;
  readonly counts: {
    readonly writes: number;
    readonly errors: number;
    readonly held: number;
    readonly denied: number;
    readonly sessions: number;
  };
  /** By their entries. */
  readonly marks: readonly Mark[];
  readonly thinned: readonly ThinnedMarks[];
  readonly bucketUs: number;
  readonly density: readonly number[];
  readonly lacks: {
    readonly cutAnswers: number;
    readonly unknownOutcomes: number;
    readonly interrupted: boolean;
  };
}

/** Operations under way that are remembered; of older ones a mark says the entry of the result. */
const UNDER_WAY_MAX = 10_000;

interface UnderWay {
  readonly place: Omit<Mark, 'kind'>;
  /** It has not gone to the target yet, and may change something there. */
  mayStillWrite: boolean;
  /** The error of its result is the refusal, which has a mark already. */
  isDenied: boolean;
}

/** Makes the index of a recording, entry after entry, in bounded memory. What was made so far can be had at any time. */
export class MarkBuilder {
  readonly #effects: OperationEffects;
  readonly #lanes = {
    write: new MarkLane('write'),
    held: new MarkLane('held'),
    denied: new MarkLane('denied'),
    error: new MarkLane('error'),
    session: new MarkLane('session'),
  } satisfies Record<MarkKind, MarkLane>;
  readonly #density = new Density();
  readonly #underWay = new Map<number, UnderWay>();
  #entries = 0;
  #statements = 0;
  #durationUs = 0;
  #firstAt: string | null = null;
  #cutAnswers = 0;
  #unknownOutcomes = 0;
  #interrupted = false;

  /** @param replay of the recording's protocol; without it every operation counts as one that may change something */
  constructor(replay: RecordedReplay | undefined) {
    this.#effects = new OperationEffects(replay);
  }

  /** The number of the last entry that was taken. */
  get entries(): number {
    return this.#entries;
  }

  /** Takes the next entry. */
  take(entry: Entry): void {
    this.#entries = entry.seq;
    this.#durationUs = Math.max(this.#durationUs, entry.mono);
    switch (entry.type) {
      case 'grant.opened':
        this.#firstAt = entry.at;
        return this.#effects.follow(entry);
      case 'session.opened':
      case 'session.refused':
        return this.#lanes.session.add(placeOf(entry));
      case 'operation':
        return this.#operation(entry);
      case 'approval.decided':
        return this.#decided(entry);
      case 'forwarded':
        return this.#forwarded(entry);
      case 'result':
        return this.#result(entry);
      case 'refused':
        return this.#lanes.denied.add(placeOf(entry));
      case 'grant.closed':
        this.#interrupted = entry.interrupted;
        return;
      case 'note':
      case 'stream':
      case 'session.closed':
      case 'approval.asked':
      case 'grant.closing':
        return;
      default:
        return unreachable(entry);
    }
  }

  marks(): Marks {
    const { write, held, denied, error, session } = this.#lanes;
    const lanes = [write, held, denied, error, session];
    return {
      entries: this.#entries,
      statements: this.#statements,
      durationUs: this.#durationUs,
      firstAt: this.#firstAt,
      counts: {
        writes: write.count,
        errors: error.count,
        held: held.count,
        denied: denied.count,
        sessions: session.count,
      },
      marks: lanes.flatMap(({ marks }) => marks).toSorted((one, other) => one.seq - other.seq),
      thinned: lanes.flatMap(({ thinned }) => thinned),
      bucketUs: this.#density.bucketUs,
      density: this.#density.counts,
      lacks: {
        cutAnswers: this.#cutAnswers,
        unknownOutcomes: this.#unknownOutcomes,
        interrupted: this.#interrupted,
      },
    };
  }

  #operation(entry: TypedEntry<'operation'>): void {
    const place = placeOf(entry);
    this.#statements += 1;
    this.#density.add(entry.mono);
    const isDenied = entry.verdict === 'deny';
    const mayWrite = !isDenied && this.#effects.of(entry) === 'change';
    const waits = entry.verdict === 'hold';
    if (isDenied) this.#lanes.denied.add(place);
    else if (waits) this.#lanes.held.add(place);
    else if (mayWrite) this.#lanes.write.add(place);
    const [oldest] = this.#underWay.keys();
    if (oldest !== undefined && this.#underWay.size >= UNDER_WAY_MAX) this.#underWay.delete(oldest);
    this.#underWay.set(entry.operation, { place, mayStillWrite: waits && mayWrite, isDenied });
  }

  #decided(entry: TypedEntry<'approval.decided'>): void {
    if (entry.outcome !== 'denied') return;
    this.#lanes.denied.add(this.#placeOf(entry));
    const underWay = this.#underWay.get(entry.operation);
    if (underWay !== undefined) underWay.isDenied = true;
  }

  #forwarded({ operation }: TypedEntry<'forwarded'>): void {
    const underWay = this.#underWay.get(operation);
    if (underWay?.mayStillWrite !== true) return;
    underWay.mayStillWrite = false;
    this.#lanes.write.add(underWay.place);
  }

  #result(entry: TypedEntry<'result'>): void {
    const { operation, outcome, response } = entry;
    if (response !== undefined && response.kept < response.bytes) this.#cutAnswers += 1;
    if (outcome === 'unknown') this.#unknownOutcomes += 1;
    const underWay = operation === undefined ? undefined : this.#underWay.get(operation);
    if (outcome !== 'ok' && underWay?.isDenied !== true) this.#lanes.error.add(this.#placeOf(entry));
    if (operation !== undefined) this.#underWay.delete(operation);
  }

  /** Of the operation that the entry is about, while that is under way. */
  #placeOf(entry: TypedEntry<'result' | 'approval.decided'>): Omit<Mark, 'kind'> {
    const underWay = entry.operation === undefined ? undefined : this.#underWay.get(entry.operation);
    return underWay?.place ?? placeOf(entry);
  }
}

function placeOf(entry: Entry): Omit<Mark, 'kind'> {
  return {
    seq: entry.seq,
    monoUs: entry.mono,
    operation: ('operation' in entry ? entry.operation : undefined) ?? null,
    session: 'session' in entry ? entry.session : null,
  };
}
