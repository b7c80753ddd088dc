import type { Fault, NamedEvent, AnswerProgress } from './session-events.js';
import type { LiveState, SessionState } from './session-state.js';
import {
  abandon,
  before,
  farewell,
  nextSequenceId,
  notRunFor,
  over,
  READ_ON,
  stay,
  step,
  type Step,
} from './step-parts.js';

/** The steps that end a session, or that are about its end. */

/** All that is heard of a client that closed its connection is that it sends no more: what waits is not waited for. */
export function clientFinished(state: LiveState): Step {
  if (state.client !== 'listens') return stay(state);
  if (isWaitedFor(state)) return clientGone(state);
  const finished: SessionState = { ...state, client: 'finished' };
  return state.at === 'idle' ? step(finished, READ_ON) : stay(finished);
}

/** The answer to what the client has sent is still read to its end and recorded; what waits is not waited for. */
export function clientGone(state: LiveState): Step {
  const letFlow = [{ do: 'let-target-flow' }] as const;
  const isOver = state.at === 'idle' || state.at === 'judging' || isWaitedFor(state);
  return isOver ? before(letFlow, abandon(state)) : step({ ...state, client: 'gone' }, ...letFlow);
}

/** Nothing of the client's has begun; what the gateway itself asks the target meanwhile changes nothing there. */
function isWaitedFor({ at }: LiveState): boolean {
  return at === 'learning' || at === 'rehearsing' || at === 'held' || at === 'entering';
}

const NO_RESULTS = { results: [], error: undefined };

/** Both sides no longer agree on where a command begins, or the gateway cannot deal with it. */
export function clientFailed(state: LiveState, fault: Fault): Step {
  const isOwn = fault.code === 'internal' || fault.code === 'recording_unavailable';
  return over(state, farewell(state, fault, 1), isOwn ? 'failed' : 'refused', fault);
}

/** The target leg is gone, or it broke the protocol. */
export function targetFailed(state: LiveState, fault: Fault, told: AnswerProgress): Step {
  const ending = 'ending' in state ? state.ending : undefined;
  const reason = ending?.reason ?? 'target-gone';
  const last = { code: ending?.code ?? fault.code, detail: fault.detail };
  switch (state.at) {
    case 'idle':
      return over(state, [{ do: 'hang-up' }], reason, fault);
    case 'answering':
    case 'limiting':
    case 'carrying-out': {
      const { operation } = state;
      // Elsewhere the answer that was followed last is not the one to this.
      const followed = state.at === 'answering' ? undefined : NO_RESULTS;
      const unknown = { do: 'record-result', operation, outcome: 'unknown', told: followed } as const;
      if (told === 'part of a packet') return over(state, [unknown, { do: 'cut-client' }], reason, fault);
      const sequenceId = told === 'nothing' ? nextSequenceId(state) : told;
      return over(state, [unknown, ...farewell(state, last, sequenceId)], reason, fault);
    }
    default: {
      const lost = notRunFor(state, fault, 'cancelled');
      return over(state, [...lost, ...farewell(state, last, nextSequenceId(state))], reason, fault);
    }
  }
}

/**
 * The grant ends, or another session ends this one. What is at the target is killed there, and its answer says why; what
 * is answered and about to be kept or undone is not cut off either.
 */
export function end(state: LiveState, { code, reason }: NamedEvent<'end'>): Step {
  const isPutOff = state.at === 'answering' || state.at === 'limiting';
  if ('ending' in state && state.ending !== undefined) return stay(state);
  if (isPutOff) {
    const ended: SessionState = { ...state, ending: { code, reason } };
    return state.at === 'answering'
      ? step(ended, { do: 'limit-wait' }, { do: 'kill-at-target' })
      : step(ended, { do: 'limit-wait' });
  }
  const last = [...notRunFor(state, { code }, 'cancelled'), ...farewell(state, { code }, nextSequenceId(state))];
  return over(state, last, reason, { code });
}

/** What was to end with the session has not ended in time. */
export function overdue(state: LiveState, told: AnswerProgress): Step {
  if (state.at !== 'answering' && state.at !== 'limiting') return stay(state);
  return state.ending === undefined ? stay(state) : targetFailed(state, { code: state.ending.code }, told);
}

/** Others have waited too long: the transaction is rolled back as soon as it can be. */
export function giveWay(state: LiveState, { why }: NamedEvent<'locks-exhausted'>): Step {
  switch (state.at) {
    case 'idle':
      return step(state, READ_ON);
    case 'held':
      return step(state, { do: 'give-way', why });
    case 'answering':
      return step(state, { do: 'kill-at-target' }); // it is rolled back when it has ended
    default:
      return stay(state);
  }
}
