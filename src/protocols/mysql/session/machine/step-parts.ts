import type { SessionClosed } from '../../../../recording/entries/entries.js';
import type { ErrorCode } from '../../../../kernel/errors/error-table.js';
import type { ErrPacket } from '../../wire/packets.js';
import { errorOf } from '../answer/error-packets.js';
import type { Act } from './session-acts.js';
import type { Fault } from './session-events.js';
import {
  type Client,
  type PendingEnd,
  ENDED,
  IDLE,
  type LiveState,
  operationOf,
  type Refusal,
  type SessionState,
  type Upkeep,
  windowOf,
} from './session-state.js';

/** What an event makes of a session: where it is now, and what its shell has to do for that, in this order. */
export interface Step {
  readonly state: SessionState;
  readonly acts: readonly Act[];
}

const NOTHING: readonly Act[] = [];
export const READ_ON: Act = { do: 'read-on' };
const READ_ON_LISTENING: Step = { state: IDLE, acts: [READ_ON] };

/** The event changes nothing. */
export function stay(state: SessionState): Step {
  return { state, acts: NOTHING };
}

export function step(state: SessionState, ...acts: readonly Act[]): Step {
  return { state, acts };
}

/** What comes first, and then a step. */
export function before(acts: readonly Act[], { state, acts: after }: Step): Step {
  return { state, acts: [...acts, ...after] };
}

/** Nothing is in flight any more: the next command, or the end that was put off until now. */
export function goOn(client: Client, ending: PendingEnd | undefined): Step {
  if (client === 'listens' && ending === undefined) return READ_ON_LISTENING;
  const idle: LiveState = { at: 'idle', client };
  if (ending !== undefined) {
    const { code, reason } = ending;
    // What was answered was told why when it was killed; anything else reads it next.
    return over(idle, farewell(idle, { code }, 1), reason, { code });
  }
  if (client === 'gone') return over(idle, [], 'client-gone');
  return { state: idle, acts: [READ_ON] };
}

/** Gives back what was given, and does what is due; reads on after it. */
export function settle(
  client: Client,
  {
    window,
    upkeep,
    ending,
  }: Pick<Extract<LiveState, { at: 'settling' }>, 'window' | 'ending'> & {
    readonly upkeep: Upkeep | undefined;
  },
): Step {
  // Who is told of the end next needs no upkeep.
  const due = ending === undefined ? upkeep : undefined;
  if (window === undefined && due === undefined) return goOn(client, ending);
  return step({ at: 'settling', client, window, ending }, { do: 'settle', window, upkeep: due });
}

/** The session is over: its entry is written, both legs end, and what the gate gave is given back. */
export function over(state: LiveState, last: readonly Act[], reason: SessionClosed['reason'], fault?: Fault): Step {
  const isMidway = 'rowLimit' in state && state.rowLimit !== undefined;
  const close: Act = { do: 'close', reason, fault, isMidway };
  const window = windowOf(state);
  const acts = window === undefined ? [...last, close] : [...last, close, { do: 'close-window', window } satisfies Act];
  return { state: ENDED, acts };
}

/** The last that a client is told, unless nobody reads it. */
export function farewell({ client }: LiveState, { code, detail }: Fault, sequenceId: number): readonly Act[] {
  return client === 'gone' ? NOTHING : [{ do: 'say-farewell', code, detail, sequenceId }];
}

/** What the recording says of a statement whose entry is there and whose bytes will not leave. */
export function notRun(state: LiveState, error: ErrPacket, left: Refusal['left']): readonly Act[] {
  switch (state.at) {
    case 'rehearsing':
    case 'held':
    case 'readying':
    case 'refusing':
    case 'carrying-out':
    case 'recording': {
      const { operation } = state;
      if (operation.statement === undefined) return NOTHING; // a command is recorded without what came of it
      const question = 'question' in state ? state.question : undefined;
      return [{ do: 'record-not-run', operation, question, error, left }];
    }
    default:
      return NOTHING;
  }
}

/** The same for an end that has a code. */
export function notRunFor(state: LiveState, { code, detail }: Fault, left: Refusal['left']): readonly Act[] {
  return notRun(state, errorOf(code, detail), left);
}

/** Of the packet in which a client is told that what it sent does not run; 1 where it waits for nothing. */
export function nextSequenceId(state: LiveState): number {
  const operation = operationOf(state);
  return operation === undefined ? 1 : operation.requestSequenceId + 1;
}

/** Its client went while it waits, so that nobody waits. */
export function abandon(state: LiveState): Step {
  return over({ ...state, client: 'gone' }, notRunFor(state, CLIENT_GONE, 'abandoned'), 'client-gone');
}

const CLIENT_GONE: Fault & { readonly code: ErrorCode } = { code: 'client_gone' };
