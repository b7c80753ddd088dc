import { unreachable } from '../../../../kernel/assert.js';
import { clientFailed, clientFinished, clientGone, end, giveWay, overdue, targetFailed } from './end-step.js';
import { holdStep, refused } from './hold-step.js';
import type { Act } from './session-acts.js';
import type { NamedEvent, SessionEvent } from './session-events.js';
import type { AnsweringState, Client, LimitingState, LiveState, SessionState, Upkeep } from './session-state.js';
import { abandon, before, goOn, over, READ_ON, settle, stay, step as to, type Step } from './step-parts.js';
import { answeringOf, idleAfter, recordingOf } from './straight-path.js';

// One object for all statements.
const RECORD_FIRST: readonly Act[] = [{ do: 'record-first' }];
const FORWARD: readonly Act[] = [{ do: 'forward' }];

/**
 * The session as a pure machine: no sockets, no waiting, no clock. What comes too late to matter in a state changes
 * nothing, since works end when they end; only a window that comes too late is given back at once.
 */
export function step(state: SessionState, event: SessionEvent): Step {
  if (state.at === 'ended') return afterEnd(state, event);
  switch (event.on) {
    case 'judged':
      return judged(state, event);
    case 'recorded':
      return recorded(state);
    case 'answered':
      return state.at === 'answering' ? answered(state, event) : stay(state);
    case 'unanswered':
      return state.at === 'answering' ? goOn(state.client, state.ending) : stay(state);
    case 'limited':
      return state.at === 'limiting' ? limited(state, event) : stay(state);
    case 'settled':
      return state.at === 'settling' ? goOn(state.client, state.ending) : stay(state);
    case 'carried-out':
      return carriedOut(state, event);
    case 'judging':
    case 'judgement':
    case 'asking':
    case 'refused':
      return judging(state, event);
    case 'read':
    case 'read-entering':
    case 'read-kill':
    case 'read-out':
    case 'quit':
    case 'upkeep-due':
      return state.at === 'idle' ? read(state.client, state, event) : stay(state);
    case 'client-finished':
      return clientFinished(state);
    case 'client-gone':
      return clientGone(state);
    case 'client-failed':
      return clientFailed(state, event.fault);
    case 'target-failed':
      return targetFailed(state, event.fault, event.told);
    case 'end':
      return end(state, event);
    case 'overdue':
      return overdue(state, event.told);
    case 'locks-exhausted':
      return giveWay(state, event);
    default:
      return holdStep(state, event);
  }
}

/** Nothing is written or forwarded any more; what the gate gave too late goes back. */
function afterEnd(state: SessionState, event: SessionEvent): Step {
  if (event.on === 'admitted') return to(state, { do: 'close-window', window: event.admission.window });
  return event.on === 'may-enter' ? to(state, { do: 'close-window', window: event.window }) : stay(state);
}

// What was read

type ReadEvent = NamedEvent<'read' | 'read-entering' | 'read-kill' | 'read-out' | 'quit' | 'upkeep-due'>;

function read(client: Client, state: LiveState, event: ReadEvent): Step {
  switch (event.on) {
    case 'read':
      return straight(client, event);
    case 'read-entering': {
      const { operation, entry, database } = event;
      return to({ at: 'entering', client, operation, entry }, { do: 'wait-to-enter', database });
    }
    case 'read-kill': {
      const { operation, entry, kill } = event;
      return { state: { at: 'carrying-out', client, operation, entry, kill }, acts: RECORD_FIRST };
    }
    case 'quit':
      return over(state, [], 'client-quit');
    case 'read-out':
      return client === 'finished' ? over(state, [], 'client-gone') : stay(state);
    case 'upkeep-due':
      return settle(client, { window: undefined, ending: undefined, upkeep: event.upkeep });
    default:
      return unreachable(event);
  }
}

/** Between two commands, or while the verdict of one is waited for. */
function judging(state: LiveState, event: NamedEvent<'judging' | 'judgement' | 'asking' | 'refused'>): Step {
  if (event.on === 'judgement') return judgement(state, event);
  if (state.at !== 'idle' && state.at !== 'judging') return stay(state);
  const { client } = state;
  switch (event.on) {
    case 'judging':
      return to({ at: 'judging', client, operation: event.operation });
    case 'asking': {
      const { operation, judgement, settings } = event;
      return to({ at: 'learning', client, operation }, { do: 'learn', operation, judgement, settings });
    }
    case 'refused': {
      const { frame, code, detail } = event;
      return before([{ do: 'refuse', frame, code, detail }], goOn(client, undefined));
    }
    default:
      return unreachable(event);
  }
}

function judgement(state: LiveState, { judgement }: NamedEvent<'judgement'>): Step {
  if (state.at !== 'judging' && state.at !== 'learning') return stay(state);
  const isLearnt = state.at === 'learning';
  if (isLearnt && state.client !== 'listens') return abandon(state);
  const { client, operation } = state;
  return to({ at: 'judging', client, operation }, { do: 'weigh', operation, judgement, isLearnt });
}

function judged(state: LiveState, event: NamedEvent<'judged'>): Step {
  if (state.at !== 'idle' && state.at !== 'judging') return stay(state);
  const { client } = state;
  const { operation, entry, way } = event;
  if (way.kind === 'straight') return straight(client, event);
  const append: Act = { do: 'append', entry };
  if (way.kind === 'gate') return to({ at: 'rehearsing', client, operation }, append, { do: 'rehearse', operation });
  const { refusal } = way;
  return before(
    [append],
    refused({ at: 'refusing', client, operation, question: undefined, window: undefined, refusal }),
  );
}

// What is forwarded

function straight(client: Client, { operation, entry }: NamedEvent<'read' | 'judged'>): Step {
  return { state: recordingOf(client, operation, entry), acts: RECORD_FIRST };
}

function recorded(state: LiveState): Step {
  if (state.at === 'carrying-out') return to(state, { do: 'carry-out', kill: state.kill });
  return state.at === 'recording' ? { state: answeringOf(state), acts: FORWARD } : stay(state);
}

function answered(state: AnsweringState, event: NamedEvent<'answered'>): Step {
  const { client, operation, admission, rowLimit, ending } = state;
  if (rowLimit !== undefined) {
    return to(
      { at: 'limiting', client, operation, admission, rowLimit, ending },
      { do: 'settle-rows', operation, rowLimit },
    );
  }
  const { outcome, upkeep } = event;
  const result: Act = { do: 'record-result', operation, outcome, told: undefined };
  const idle = idleAfter(state, event);
  return idle === undefined ? before([result], afterAnswer(state, upkeep)) : to(idle, result, READ_ON);
}

/** What it changed is kept, or undone: now its client is told. */
function limited(state: LimitingState, { outcome, upkeep }: NamedEvent<'limited'>): Step {
  const { operation, client } = state;
  const { bytes, ...told } = outcome;
  return before(
    [
      { do: 'send', bytes, client },
      { do: 'record-result', operation, outcome: told.error === undefined ? 'ok' : 'error', told },
    ],
    afterAnswer(state, upkeep),
  );
}

function carriedOut(state: LiveState, { refused }: NamedEvent<'carried-out'>): Step {
  if (state.at !== 'carrying-out') return stay(state);
  const { client, operation } = state;
  return before([{ do: 'answer-carried-out', operation, refused, client }], goOn(client, undefined));
}

/** What was given for it is taken back before anything else runs. */
function afterAnswer({ client, admission, ending }: AnsweringState | LimitingState, upkeep: Upkeep | undefined): Step {
  return settle(client, { window: admission?.window, ending, upkeep });
}
