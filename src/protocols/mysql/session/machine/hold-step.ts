import { unreachable } from '../../../../kernel/assert.js';
import type { NamedEvent, SessionEvent } from './session-events.js';
import type { HeldState, LiveState, ReadyingState, RefusingState, Refusal, RehearsingState } from './session-state.js';
import { abandon, before, goOn, notRun, stay, step, type Step } from './step-parts.js';

/** The steps between a statement's entry and its forwarding, when its verdict alone is not enough. */

export type HoldEvent = Extract<
  SessionEvent,
  {
    readonly on:
      | 'rehearsed'
      | 'deferred'
      | 'asked'
      | 'decided'
      | 'admitted'
      | 'may-enter'
      | 'may-not-enter'
      | 'turned-away'
      | 'undone'
      | 'ready';
  }
>;

export function holdStep(state: LiveState, event: HoldEvent): Step {
  switch (event.on) {
    case 'rehearsed':
    case 'deferred':
      return state.at === 'rehearsing' ? rehearsed(state, event) : stay(state);
    case 'asked': {
      const { question, entry } = event;
      return state.at === 'held' ? step({ ...state, question }, { do: 'append', entry }) : stay(state);
    }
    case 'decided': {
      const { entry } = event;
      return state.at === 'held' ? step({ ...state, question: undefined }, { do: 'append', entry }) : stay(state);
    }
    case 'admitted':
      return admitted(state, event);
    case 'may-enter':
      return mayEnter(state, event);
    case 'may-not-enter':
      return mayNotEnter(state, event);
    case 'turned-away':
      return turnedAway(state, event.refusal);
    case 'undone':
      return state.at === 'refusing' ? refused(state) : stay(state);
    case 'ready':
      return state.at === 'readying' ? ready(state, event) : stay(state);
    default:
      return unreachable(event);
  }
}

/** Nobody is asked for a client that went meanwhile. */
function rehearsed(state: RehearsingState, event: NamedEvent<'rehearsed' | 'deferred'>): Step {
  if (state.client !== 'listens') return abandon(state);
  const { client, operation } = state;
  if (event.on === 'rehearsed') {
    const { settings } = event;
    return step({ at: 'held', client, operation, question: undefined }, { do: 'ask-gate', operation, settings });
  }
  return step(
    {
      at: 'answering',
      client,
      operation,
      admission: undefined,
      rowLimit: undefined,
      isDeferred: true,
      ending: undefined,
    },
    { do: 'answer-deferred', operation, answer: event.answer },
  );
}

function admitted(state: LiveState, { admission }: NamedEvent<'admitted'>): Step {
  if (state.at !== 'held') return step(state, { do: 'close-window', window: admission.window });
  const { client, operation } = state;
  return step({ at: 'readying', client, operation, admission }, { do: 'make-ready', operation, admission });
}

function mayEnter(state: LiveState, { window }: NamedEvent<'may-enter'>): Step {
  if (state.at !== 'entering') return step(state, { do: 'close-window', window });
  const { client, operation, entry } = state;
  const admission = { kind: 'forward', approval: undefined, window, scope: null } as const;
  return step({ at: 'recording', client, operation, entry, admission, rowLimit: undefined }, { do: 'record-first' });
}

function mayNotEnter(state: LiveState, { fault }: NamedEvent<'may-not-enter'>): Step {
  if (state.at !== 'entering') return stay(state);
  const { client, operation } = state;
  const { code, detail } = fault;
  return before([{ do: 'refuse', frame: operation.frame, code, detail }], goOn(client, undefined));
}

function ready(
  { client, operation, admission }: ReadyingState,
  { entry, rowLimit, isSoonChecked }: NamedEvent<'ready'>,
): Step {
  const { window } = admission;
  return step(
    { at: 'recording', client, operation, entry, admission, rowLimit },
    { do: 'record-first' },
    ...(isSoonChecked ? [{ do: 'close-window-soon', window } as const] : []),
  );
}

function turnedAway(state: LiveState, refusal: Refusal): Step {
  switch (state.at) {
    case 'rehearsing':
      return state.client === 'listens' ? refuse(state, refusal) : abandon(state);
    case 'held':
    case 'readying':
      return refuse(state, refusal);
    default:
      return stay(state);
  }
}

/** Takes back what was begun or given, before the client is told. */
function refuse(state: RehearsingState | HeldState | ReadyingState, refusal: Refusal): Step {
  const { client, operation } = state;
  const question = state.at === 'held' ? state.question : undefined;
  const window = state.at === 'readying' ? state.admission.window : undefined;
  const refusing: RefusingState = { at: 'refusing', client, operation, question, window, refusal };
  const { rollsBack } = refusal;
  return rollsBack || window !== undefined ? step(refusing, { do: 'undo', rollsBack, window }) : refused(refusing);
}

/** Its client is told why, its recording has it, and the session goes on. */
export function refused(state: RefusingState): Step {
  const { client, operation, refusal } = state;
  const { error, left } = refusal;
  const told = client === 'gone' ? [] : [{ do: 'tell', operation, error } as const];
  return before([...notRun(state, error, left), ...told], goOn(client, undefined));
}
