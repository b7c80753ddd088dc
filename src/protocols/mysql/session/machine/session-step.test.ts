import { describe, expect, it } from 'vitest';
import { COM_INIT_DB, COM_PING } from '../../wire/commands.js';
import { RowLimit } from '../answer/row-limited-answer.js';
import {
  admissionOf,
  commandOf,
  entryOf,
  JUDGEMENT,
  questionOf,
  REFUSAL,
  statementOf,
  statementToJudge,
  windowOf,
} from './machine.fixture.js';
import type { Act } from './session-acts.js';
import { type SessionEvent, STRAIGHT, TO_THE_GATE } from './session-events.js';
import { type AnsweringState, ENDED, IDLE, type SessionState } from './session-state.js';
import { step } from './session-step.js';
import { answeringOf, idleAfter, recordingOf } from './straight-path.js';

const operation = statementOf(7);
const entry = entryOf();
const fault = { code: 'target_leg_lost' } as const;
const end: SessionEvent = { on: 'end', code: 'grant_revoked', reason: 'grant-closed' };

/** Feeds the events one after the other; gives the last state, and what was to be done in all. */
function fed(state: SessionState, ...events: readonly SessionEvent[]): { state: SessionState; acts: Act[] } {
  const acts: Act[] = [];
  let now = state;
  for (const event of events) {
    const next = step(now, event);
    now = next.state;
    acts.push(...next.acts);
  }
  return { state: now, acts };
}

function done(acts: readonly Act[]): readonly Act['do'][] {
  return acts.map((act) => act.do);
}

const straight: SessionEvent = { on: 'judged', operation, entry, way: STRAIGHT };
const toTheGate: SessionEvent = { on: 'judged', operation, entry, way: TO_THE_GATE };
const recorded: SessionEvent = { on: 'recorded' };
const answered: SessionEvent = { on: 'answered', outcome: 'ok', upkeep: undefined };
const rehearsed: SessionEvent = { on: 'rehearsed', settings: undefined };

const recording = fed(IDLE, straight).state;
const answering = fed(recording, recorded).state;
const rehearsing = fed(IDLE, toTheGate).state;
const held = fed(rehearsing, rehearsed).state;

describe('a statement that is allowed', () => {
  it('is forwarded once its entry is written, and not before', () => {
    const first = step(IDLE, straight);
    expect(first.state).toMatchObject({ at: 'recording', entry });
    expect(done(first.acts)).toEqual(['record-first']);
    const second = step(first.state, recorded);
    expect(second.state).toMatchObject({ at: 'answering', operation });
    expect(done(second.acts)).toEqual(['forward']);
  });

  it('is answered, its result recorded, and the next command read', () => {
    const { state, acts } = step(answering, answered);
    expect(state).toBe(IDLE);
    expect(acts).toEqual([{ do: 'record-result', operation, outcome: 'ok', told: undefined }, { do: 'read-on' }]);
  });

  it('takes the straight path to the same states without events', () => {
    const first = recordingOf('listens', operation, entry);
    const second = answeringOf(first);
    expect([first, second]).toEqual([recording, answering]);
    expect(idleAfter(second, answered)).toBe(step(second, answered).state);
  });

  it.each<readonly [string, Partial<AnsweringState>, SessionEvent]>([
    ['its session ends', { ending: { code: 'grant_revoked', reason: 'grant-closed' } }, answered],
    ['its client is gone', { client: 'gone' }, answered],
    ['something was given for it', { admission: admissionOf() }, answered],
    ['its rows are limited', { rowLimit: new RowLimit(3, true, 0) }, answered],
    ['something is due after it', {}, { on: 'answered', outcome: 'ok', upkeep: 'time-limit' }],
  ])('leaves the straight path where %s', (_, what, event) => {
    expect(idleAfter({ ...answeringOf(recordingOf('listens', operation, entry)), ...what }, event)).toBeUndefined();
  });

  it('is not forwarded when the session ended while its entry was being written', () => {
    const { state, acts } = fed(recording, end, recorded);
    expect(state).toBe(ENDED);
    expect(done(acts)).toEqual(['record-not-run', 'say-farewell', 'close']);
  });
});

describe('a statement that is held', () => {
  it('is recorded, rehearsed, asked, made ready, and only then forwarded', () => {
    const admission = admissionOf();
    const { state, acts } = fed(
      IDLE,
      toTheGate,
      rehearsed,
      { on: 'asked', question: questionOf(), entry: entryOf() },
      { on: 'decided', entry: entryOf() },
      { on: 'admitted', admission },
      { on: 'ready', entry: entryOf(), rowLimit: undefined, isSoonChecked: false },
      recorded,
    );
    expect(state).toMatchObject({ at: 'answering', admission });
    expect(done(acts)).toEqual([
      'append',
      'rehearse',
      'ask-gate',
      'append',
      'append',
      'make-ready',
      'record-first',
      'forward',
    ]);
  });

  it('takes its question with it when nobody waits any more', () => {
    const question = questionOf();
    const { state, acts } = fed(held, { on: 'asked', question, entry }, { on: 'client-gone' });
    expect(state).toBe(ENDED);
    expect(acts).toContainEqual(expect.objectContaining({ do: 'record-not-run', question, left: 'abandoned' }));
    expect(acts.at(-1)).toMatchObject({ do: 'close', reason: 'client-gone' });
  });

  it('is not rehearsed to the end for a client that went', () => {
    const { state, acts } = fed(rehearsing, { on: 'client-gone' }, rehearsed);
    expect(step(rehearsing, { on: 'client-finished' }).state).toBe(ENDED);
    expect(state).toBe(ENDED);
    expect(done(acts)).toEqual(['let-target-flow', 'record-not-run', 'close']);
  });

  it('is not asked about for a client that sent no more after it', () => {
    const { state, acts } = fed(IDLE, { on: 'client-finished' }, toTheGate, rehearsed);
    expect(state).toBe(ENDED);
    expect(done(acts)).toEqual(['read-on', 'append', 'rehearse', 'record-not-run', 'close']);
  });

  it('gives its window back when it was abandoned before the gate opened', () => {
    const admission = admissionOf();
    const { state, acts } = fed(held, { on: 'client-finished' }, { on: 'admitted', admission });
    expect(state).toBe(ENDED);
    expect(acts.at(-1)).toEqual({ do: 'close-window', window: admission.window });
  });

  it('gives its window back when the session ends while it is made ready', () => {
    const admission = admissionOf();
    const { state, acts } = fed(held, { on: 'admitted', admission }, end);
    expect(state).toBe(ENDED);
    expect(done(acts)).toEqual(['make-ready', 'record-not-run', 'say-farewell', 'close', 'close-window']);
  });

  it('is refused after what was given for it is taken back, and the session goes on', () => {
    const admission = admissionOf();
    const { window } = admission;
    const refusing = fed(held, { on: 'admitted', admission }, { on: 'turned-away', refusal: REFUSAL });
    expect(refusing.acts.at(-1)).toEqual({ do: 'undo', rollsBack: false, window });
    const { state, acts } = step(refusing.state, { on: 'undone' });
    expect(state).toBe(IDLE);
    expect(done(acts)).toEqual(['record-not-run', 'tell', 'read-on']);
  });

  it('is rolled back with its transaction before its client is told, where the policy says so', () => {
    const { acts } = fed(held, { on: 'turned-away', refusal: { ...REFUSAL, rollsBack: true } }, { on: 'undone' });
    expect(done(acts)).toEqual(['undo', 'record-not-run', 'tell', 'read-on']);
  });
});

describe('a row limit', () => {
  const rowLimit = new RowLimit(3, true, 0);
  const limited = fed(
    held,
    { on: 'admitted', admission: admissionOf() },
    { on: 'ready', entry, rowLimit, isSoonChecked: false },
    recorded,
    answered,
  );

  it('keeps the answer back until what was changed is kept or undone', () => {
    expect(done(limited.acts)).toEqual(['make-ready', 'record-first', 'forward', 'settle-rows']);
    const outcome = { bytes: Buffer.from('answer'), results: [], error: undefined };
    const { acts } = step(limited.state, { on: 'limited', outcome, upkeep: undefined });
    expect(done(acts)).toEqual(['send', 'record-result', 'settle']);
  });

  it('leaves an unknown outcome where the target goes meanwhile', () => {
    const { acts } = step(limited.state, { on: 'target-failed', fault, told: 'nothing' });
    expect(acts[0]).toMatchObject({ do: 'record-result', outcome: 'unknown' });
    expect(acts).toContainEqual(expect.objectContaining({ do: 'close', isMidway: true }));
  });

  it('is not cut off by the end of the session', () => {
    const { state, acts } = step(limited.state, end);
    expect(state.at).toBe('limiting');
    expect(done(acts)).toEqual(['limit-wait']);
  });
});

describe('a command that enters a database', () => {
  const command = commandOf(COM_INIT_DB);
  const entering = step(IDLE, { on: 'read-entering', operation: command, entry, database: 'shop' });

  it('waits at the gate, is recorded, forwarded, and gives its window back', () => {
    const window = windowOf();
    const { acts } = fed(entering.state, { on: 'may-enter', window }, recorded, answered);
    expect(done(acts)).toEqual(['record-first', 'forward', 'record-result', 'settle']);
    expect(acts.at(-1)).toMatchObject({ window });
  });

  it('is refused where the gate does not open', () => {
    const { state, acts } = step(entering.state, { on: 'may-not-enter', fault: { code: 'statement_killed' } });
    expect(state).toBe(IDLE);
    expect(done(acts)).toEqual(['refuse', 'read-on']);
  });
});

describe('the end of a session', () => {
  it('kills what runs, and its client is told by the answer to that, once', () => {
    const killed = step(answering, { on: 'end', code: 'session_killed', reason: 'killed' });
    expect(done(killed.acts)).toEqual(['limit-wait', 'kill-at-target']);
    expect(fed(killed.state, end, end).acts).toEqual([]);
    const { state, acts } = fed(killed.state, { ...answered, outcome: 'error' }, end, { on: 'client-gone' });
    expect(state).toBe(ENDED);
    expect(done(acts)).toEqual(['record-result', 'say-farewell', 'close']);
    expect(acts.at(-1)).toMatchObject({ reason: 'killed', fault: { code: 'session_killed' } });
  });

  it('comes after a while even if what runs does not end, and says that its outcome is unknown', () => {
    const { state, acts } = fed(answering, end, { on: 'overdue', told: 'nothing' });
    expect(state).toBe(ENDED);
    expect(acts).toContainEqual(expect.objectContaining({ do: 'record-result', outcome: 'unknown' }));
    expect(acts).toContainEqual(expect.objectContaining({ do: 'say-farewell', code: 'grant_revoked' }));
  });

  it('cuts the client off where it has read a part of a packet', () => {
    const { acts } = step(answering, { on: 'target-failed', fault, told: 'part of a packet' });
    expect(done(acts)).toEqual(['record-result', 'cut-client', 'close']);
  });

  it('hangs up on an idle client without a word when the target goes', () => {
    expect(done(step(IDLE, { on: 'target-failed', fault, told: 'nothing' }).acts)).toEqual(['hang-up', 'close']);
  });

  it('leaves one result of a statement that was answered, though what was given for it is being taken back', () => {
    const settling = fed(
      held,
      { on: 'admitted', admission: admissionOf() },
      { on: 'ready', entry, rowLimit: undefined, isSoonChecked: false },
      recorded,
      answered,
    ).state;
    expect(settling.at).toBe('settling');
    for (const last of [end, { on: 'target-failed', fault, told: 'nothing' } as const]) {
      const { acts } = step(settling, last);
      expect(done(acts)).toEqual(['say-farewell', 'close', 'close-window']);
      expect(acts[0]).toMatchObject({ sequenceId: 1 });
    }
  });

  it('is the last: nothing is told, written or forwarded after it', () => {
    const late: readonly SessionEvent[] = [straight, recorded, answered, { on: 'undone' }, { on: 'settled' }, end];
    expect(fed(ENDED, ...late)).toEqual({ state: ENDED, acts: [] });
  });
});

describe('a client that goes', () => {
  it('leaves its statement to run to its end, which is recorded', () => {
    const { state, acts } = fed(answering, { on: 'client-gone' }, answered);
    expect(state).toBe(ENDED);
    expect(done(acts)).toEqual(['let-target-flow', 'record-result', 'close']);
  });

  it('is read to its last command when it only sends no more', () => {
    const ping = { on: 'read', operation: commandOf(COM_PING), entry } as const;
    const { state, acts } = fed(IDLE, { on: 'client-finished' }, ping, recorded, answered, { on: 'read-out' });
    expect(state).toBe(ENDED);
    expect(done(acts)).toEqual(['read-on', 'record-first', 'forward', 'record-result', 'read-on', 'close']);
  });
});

describe('a verdict that comes later', () => {
  const operation = statementToJudge();
  const judging = step(IDLE, { on: 'judging', operation }).state;

  it('is weighed when it is there', () => {
    const { acts } = step(judging, { on: 'judgement', judgement: JUDGEMENT });
    expect(acts).toEqual([{ do: 'weigh', operation, judgement: JUDGEMENT, isLearnt: false }]);
  });

  it('is weighed again with what the target says of its settings', () => {
    const learning = step(judging, { on: 'asking', operation, judgement: JUDGEMENT, settings: [] });
    expect(done(learning.acts)).toEqual(['learn']);
    const { state, acts } = step(learning.state, { on: 'judgement', judgement: JUDGEMENT });
    expect(acts).toMatchObject([{ do: 'weigh', isLearnt: true }]);
    expect(step(state, { on: 'judged', operation: statementOf(7), entry, way: STRAIGHT }).state.at).toBe('recording');
  });

  it('is of no use to a client that went', () => {
    const { state, acts } = fed(judging, { on: 'client-gone' }, { on: 'judgement', judgement: JUDGEMENT });
    expect(state).toBe(ENDED);
    expect(done(acts)).toEqual(['let-target-flow', 'close']);
  });
});
