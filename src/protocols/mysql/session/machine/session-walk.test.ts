import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { rounds } from '../../../../../test/support/rounds.js';
import type { EntryFields } from '../../../../recording/entries/entries.js';
import type { SessionWindow } from '../../held/session-door.js';
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
import { IDLE, mayAskTarget, type SessionState } from './session-state.js';
import { step } from './session-step.js';

/** What the shell could feed next; `choose` decides where there is a choice. */
type Source = (choose: (count: number) => number) => SessionEvent;

const KILL = { what: 'query', id: { kind: 'own' } } as const;
const told = ['nothing', 'part of a packet', 3] as const;

/** What may come at any time, from the client, the target, the grant and its other sessions. */
const FROM_OUTSIDE: readonly Source[] = [
  () => ({ on: 'quit' }),
  () => ({ on: 'read-out' }),
  () => ({ on: 'client-finished' }),
  () => ({ on: 'client-gone' }),
  () => ({ on: 'client-failed', fault: { code: 'packet_malformed' } }),
  (choose) => ({ on: 'target-failed', fault: { code: 'target_leg_lost' }, told: told[choose(3)] ?? 'nothing' }),
  () => ({ on: 'end', code: 'grant_revoked', reason: 'grant-closed' }),
  (choose) => ({ on: 'overdue', told: told[choose(3)] ?? 'nothing' }),
  () => ({ on: 'locks-exhausted', why: new Error('others wait') }),
];

const GONE: Source = () => ({ on: 'client-gone' });
const LOST: Source = () => ({ on: 'target-failed', fault: { code: 'target_leg_lost' }, told: 'nothing' });

/** What the target answers. */
const ANSWERS: readonly Source[] = [
  (choose) => ({ on: 'answered', outcome: 'ok', upkeep: choose(3) === 0 ? 'time-limit' : undefined }),
  () => ({ on: 'answered', outcome: 'error', upkeep: undefined }),
];

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Does not hold: ${what}`);
}

/** A shell without sockets: it gives each event when it may come, and holds what is done against what must hold. */
class World {
  state: SessionState = IDLE;
  #statements = 0;
  /** Works that have not ended, and entries that are not written. */
  readonly #underWay: Source[] = [];
  readonly #windows = new Set<SessionWindow>();
  readonly #recorded = new Set<EntryFields>();
  readonly #results = new Map<number, number>();
  #openQuestions = 0;
  #isClientGone = false;
  #hasFailed = false;
  #closes = 0;
  #farewells = 0;
  #answersDue = 0;

  /** What the session itself may lead to now; the ends of works that matter no more are among it. */
  get sources(): readonly Source[] {
    const { at } = this.state;
    if (at === 'idle') return [...this.#commands(), ...this.#underWay];
    return at === 'answering' ? [...ANSWERS, ...this.#underWay] : this.#underWay;
  }

  feed(source: Source, choose: (count: number) => number): void {
    const at = this.#underWay.indexOf(source);
    const event = source(choose);
    const isRepeated = event.on === 'asked' || event.on === 'decided';
    if (at >= 0 && !isRepeated) this.#underWay.splice(at, 1);
    const before = this.state;
    this.#note(event);
    const { state, acts } = step(before, event);
    this.state = state;
    if (before.at === 'ended') {
      must(state === before, 'the end is the last state');
      for (const act of acts) must(act.do === 'close-window', `after the end nothing is done: ${act.do}`);
    }
    for (const act of acts) this.#hold(act, event, choose);
    this.#check();
  }

  /** What must hold after every event. */
  #check(): void {
    const { at } = this.state;
    const results = [...this.#results.values()];
    must(
      results.every((count) => count <= 1),
      'a statement has one result',
    );
    must(this.#closes === (at === 'ended' ? 1 : 0), 'a session is closed once, when it ends');
    must(this.#farewells <= 1, 'a client is told of the end once');
    if (at === 'idle' || at === 'judging') must(this.#windows.size === 0, 'what was given is taken back');
    if (at === 'idle') must(this.#answersDue === 0, 'what is read is answered');
    if ((at === 'ended' || at === 'idle') && !this.#hasFailed) {
      must(this.#openQuestions === 0, 'what people were asked is closed in the recording');
      must(
        results.every((count) => count === 1),
        'each statement has its result',
      );
    }
  }

  /** The target goes, and all works end that are under way. */
  end(choose: (count: number) => number): void {
    this.feed(LOST, choose);
    for (let last = this.#underWay[0]; last !== undefined; [last] = this.#underWay) this.feed(last, choose);
    must(this.state.at === 'ended', 'a session without a target has ended');
    must(this.#windows.size === 0, 'no window is left open');
  }

  #note(event: SessionEvent): void {
    const { state } = this;
    if (event.on === 'client-gone') this.#isClientGone = true;
    if (event.on === 'client-failed' && state.at !== 'ended') this.#hasFailed = true;
    if (event.on === 'admitted') this.#windows.add(event.admission.window);
    if (event.on === 'may-enter') this.#windows.add(event.window);
    if (state.at === 'ended') return;
    if (event.on === 'asked') this.#openQuestions += 1;
    if (event.on === 'decided') this.#openQuestions -= 1;
    if (event.on === 'recorded' && 'entry' in state) this.#recorded.add(state.entry);
  }

  #hold(act: Act, event: SessionEvent, choose: (count: number) => number): void {
    switch (act.do) {
      case 'forward':
        must(event.on === 'recorded', 'nothing is forwarded unrecorded');
        break;
      case 'answer-deferred':
        break;
      case 'record-first': {
        if (!('entry' in this.state)) throw new Error('there is an entry to be written');
        const { entry } = this.state;
        must(!this.#recorded.has(entry), 'no entry is written twice');
        this.#underWay.push(() => ({ on: 'recorded' }));
        break;
      }
      case 'record-result':
      case 'record-not-run': {
        const { statement } = act.operation;
        if (act.do === 'record-not-run' && act.question !== undefined) this.#openQuestions -= 1;
        if (statement !== undefined) this.#results.set(statement, (this.#results.get(statement) ?? 0) + 1);
        if (act.do === 'record-result' && act.outcome !== 'unknown') this.#answersDue -= 1;
        break;
      }
      case 'answer-carried-out':
        this.#results.set(act.operation.statement ?? 0, 1);
        this.#answersDue -= 1;
        break;
      case 'tell':
      case 'refuse':
        must(!this.#isClientGone, 'nobody is told who is gone');
        this.#answersDue -= 1;
        break;
      case 'say-farewell':
        must(!this.#isClientGone, 'nobody is told who is gone');
        this.#farewells += 1;
        break;
      case 'close':
        this.#closes += 1;
        this.#answersDue = 0;
        break;
      case 'close-window':
        this.#windows.delete(act.window);
        break;
      default:
        this.#startWork(act, choose);
    }
  }

  #startWork(act: Act, choose: (count: number) => number): void {
    const works = this.#underWay;
    const isAsking = ['learn', 'rehearse', 'ask-gate', 'make-ready', 'undo', 'settle-rows', 'settle'];
    if (isAsking.includes(act.do)) must(mayAskTarget(this.state), `the target may be asked: ${act.do}`);
    switch (act.do) {
      case 'weigh':
        return this.feed(this.#weighed(), choose);
      case 'learn':
        works.push(() => ({ on: 'judgement', judgement: JUDGEMENT }));
        return;
      case 'rehearse':
        works.push((choose) => {
          const last = [
            { on: 'rehearsed', settings: undefined },
            { on: 'deferred', answer: Buffer.alloc(0) },
            { on: 'turned-away', refusal: REFUSAL },
          ] as const;
          return last[choose(3)] ?? last[0];
        });
        return;
      case 'ask-gate':
        works.push((choose) => {
          const { state } = this;
          // The gate asks nobody for whom nobody waits, and hears of each question once.
          if (state.at === 'held' && state.question !== undefined) {
            return choose(2) === 0 ? { on: 'decided', entry: entryOf() } : { on: 'turned-away', refusal: REFUSAL };
          }
          if (state.at === 'held' && choose(2) === 0) return { on: 'asked', question: questionOf(), entry: entryOf() };
          const rollsBack = choose(2) === 0;
          return choose(2) === 0
            ? { on: 'admitted', admission: admissionOf() }
            : { on: 'turned-away', refusal: { ...REFUSAL, rollsBack } };
        });
        return;
      case 'wait-to-enter':
        works.push((choose) =>
          choose(2) === 0
            ? { on: 'may-enter', window: windowOf() }
            : { on: 'may-not-enter', fault: { code: 'privileges_not_given' } },
        );
        return;
      case 'make-ready':
        works.push((choose) => {
          if (choose(3) === 0) return { on: 'turned-away', refusal: REFUSAL };
          const rowLimit = choose(2) === 0 ? new RowLimit(3, true, 0) : undefined;
          return { on: 'ready', entry: entryOf(), rowLimit, isSoonChecked: choose(2) === 0 };
        });
        return;
      case 'undo':
        works.push(() => {
          if (act.window !== undefined) this.#windows.delete(act.window);
          return { on: 'undone' };
        });
        return;
      case 'carry-out':
        works.push(() => ({ on: 'carried-out', refused: undefined }));
        return;
      case 'settle-rows':
        works.push(() => ({
          on: 'limited',
          outcome: { bytes: Buffer.alloc(0), results: [], error: undefined },
          upkeep: undefined,
        }));
        return;
      case 'settle':
        works.push(() => {
          if (act.window !== undefined) this.#windows.delete(act.window);
          return { on: 'settled' };
        });
        return;
      default:
    }
  }

  #nextStatement(): number {
    this.#statements += 1;
    this.#results.set(this.#statements, 0);
    return this.#statements;
  }

  #weighed(): Source {
    return (choose) => {
      if (this.state.at !== 'judging') return { on: 'settled' };
      const { operation } = this.state;
      if (choose(4) === 0) return { on: 'refused', frame: operation.frame, code: 'command_refused', detail: undefined };
      return this.#judged(choose);
    };
  }

  #judged(choose: (count: number) => number): SessionEvent {
    const operation = statementOf(this.#nextStatement());
    const ways = [STRAIGHT, TO_THE_GATE, { kind: 'deny', refusal: REFUSAL }] as const;
    return { on: 'judged', operation, entry: entryOf(), way: ways[choose(3)] ?? STRAIGHT };
  }

  #commands(): readonly Source[] {
    const begun = (source: Source): Source => {
      return (choose) => {
        this.#answersDue += 1;
        return source(choose);
      };
    };
    const ping = commandOf(COM_PING);
    return [
      begun((choose) => this.#judged(choose)),
      begun(() => {
        this.#underWay.push(() => ({ on: 'judgement', judgement: JUDGEMENT }));
        return { on: 'judging', operation: statementToJudge() };
      }),
      begun(() => ({ on: 'asking', operation: statementToJudge(), judgement: JUDGEMENT, settings: [] })),
      begun(() => ({ on: 'refused', frame: ping.frame, code: 'command_refused', detail: undefined })),
      begun(() => ({ on: 'read', operation: ping, entry: entryOf() })),
      begun(() => ({ on: 'read-entering', operation: commandOf(COM_INIT_DB), entry: entryOf(), database: 'shop' })),
      begun(() => ({
        on: 'read-kill',
        operation: { ...statementOf(this.#nextStatement()), judgement: undefined },
        entry: entryOf(),
        kill: KILL,
      })),
      () => ({ on: 'upkeep-due', upkeep: 'catch-up' }),
    ];
  }
}

/** The walk has been everywhere. */
const STATES: readonly SessionState['at'][] = [
  'answering',
  'carrying-out',
  'ended',
  'entering',
  'held',
  'idle',
  'judging',
  'learning',
  'limiting',
  'readying',
  'recording',
  'refusing',
  'rehearsing',
  'settling',
];

it('keeps its promises whatever comes, in whatever order', () => {
  const choices = fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 200, size: 'max' });
  const reached = new Set<SessionState['at']>();
  const walk = (made: readonly number[]): void => {
    let at = 0;
    const choose = (count: number): number => {
      at += 1;
      return (made[at % made.length] ?? 0) % count;
    };
    const world = new World();
    while (at < made.length && world.state.at !== 'ended') {
      const { sources } = world;
      const from = sources.length === 0 || choose(40) === 0 ? FROM_OUTSIDE : sources;
      world.feed(from[choose(from.length)] ?? GONE, choose);
      reached.add(world.state.at);
    }
    world.end(choose);
  };
  fc.assert(fc.property(choices, walk), { numRuns: rounds(2000), seed: 27 });
  expect([...reached].toSorted()).toEqual(STATES);
});
