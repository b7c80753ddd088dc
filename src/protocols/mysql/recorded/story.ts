import type { ApprovalAsked, ApprovalDecided, RefusedEntry } from '../../../recording/entries/entries.js';
import type { CommandEntry, CommandResult, StatementEntry, StatementForwarded } from './bodies.js';
import type { ReplayedEntry } from './transcript.js';

/**
 * What a recording tells, one step for each statement from its arrival to its answer, in the order in which they were
 * answered; everything else is a step of its own. A step has all of its entries.
 */
export type Step = {
  readonly session: number | undefined;
  readonly entries: readonly ReplayedEntry[];
} & (
  | {
      readonly kind: 'statement';
      readonly statement: StatementEntry;
      readonly asked: ApprovalAsked | undefined;
      readonly decided: ApprovalDecided | undefined;
      readonly forwarded: StatementForwarded | undefined;
      readonly result: ReplayedResult | undefined;
      readonly times: StepTimes;
    }
  | { readonly kind: 'command'; readonly command: CommandEntry; readonly result: ReplayedResult | undefined }
  | { readonly kind: 'refused'; readonly refused: RefusedEntry }
  | { readonly kind: 'other' }
);

export type StatementStep = Extract<Step, { kind: 'statement' }>;

export interface ReplayedResult {
  readonly entry: CommandResult;
  readonly response: ReplayedEntry['response'];
}

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

/** Puts the entries of a recording together; each session has one statement or command at a time. */
export class Story {
  readonly #open = new Map<number, ReplayedEntry[]>();

  /** The steps that end with this entry. */
  take(replayed: ReplayedEntry): readonly Step[] {
    const { entry } = replayed;
    const session = 'session' in entry ? entry.session : undefined;
    switch (entry.type) {
      case 'operation':
      case 'note': {
        const before = this.#end(entry.session);
        this.#open.set(entry.session, [replayed]);
        return before;
      }
      case 'approval.asked':
      case 'approval.decided':
      case 'forwarded': {
        const open = this.#open.get(entry.session);
        if (open === undefined) return [{ kind: 'other', session, entries: [replayed] }]; // its beginning was not chosen
        open.push(replayed);
        return [];
      }
      case 'result': {
        const open = this.#open.get(entry.session);
        if (open === undefined) return [{ kind: 'other', session, entries: [replayed] }];
        open.push(replayed);
        return this.#end(entry.session);
      }
      case 'refused':
        return [...this.#end(entry.session), { kind: 'refused', session, refused: entry, entries: [replayed] }];
      default: {
        const before = session === undefined ? [] : this.#end(session);
        return [...before, { kind: 'other', session, entries: [replayed] }];
      }
    }
  }

  /** What was under way when the recording, or the chosen part of it, ended. */
  rest(): readonly Step[] {
    return [...this.#open.keys()].flatMap((session) => this.#end(session));
  }

  #end(session: number): readonly Step[] {
    const entries = this.#open.get(session);
    this.#open.delete(session);
    return entries === undefined ? [] : [stepOf(session, entries)];
  }
}

function stepOf(session: number, entries: readonly ReplayedEntry[]): Step {
  const first = entries[0]?.entry;
  const answer = entries.find(({ entry }) => entry.type === 'result');
  const result = answer?.entry.type === 'result' ? { entry: answer.entry, response: answer.response } : undefined;
  if (first?.type === 'note') return { kind: 'command', session, entries, command: first, result };
  if (first?.type !== 'operation') return { kind: 'other', session, entries };
  const ofType = <T extends ReplayedEntry['entry']['type']>(type: T) =>
    entries
      .map(({ entry }) => entry)
      .findLast((entry): entry is Extract<typeof entry, { type: T }> => entry.type === type);
  const [asked, decided, forwarded] = [ofType('approval.asked'), ofType('approval.decided'), ofType('forwarded')];
  const judgedUs = Math.round(first.mono);
  // What a worker has written after an interruption is on a clock of its own.
  const isKnown = answer !== undefined && result?.entry.outcome !== 'unknown' && answer.entry.mono >= first.mono;
  const answeredUs = isKnown ? Math.round(answer.entry.mono) : undefined;
  const tookUs = Math.round(result?.entry.durationUs ?? 0);
  const goesAtOnce = first.verdict === 'allow' && forwarded === undefined && asked === undefined;
  const times = {
    arrivedUs: answeredUs === undefined ? undefined : Math.min(answeredUs - tookUs, judgedUs),
    judgedUs,
    decidedUs: decided === undefined ? undefined : Math.round(decided.mono),
    forwardedUs: forwarded === undefined ? (goesAtOnce ? judgedUs : undefined) : Math.round(forwarded.mono),
    answeredUs,
  };
  return { kind: 'statement', session, entries, statement: first, asked, decided, forwarded, result, times };
}
