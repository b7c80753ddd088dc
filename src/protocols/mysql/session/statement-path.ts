import { assert } from '../../../kernel/assert.js';
import { BrokerError, type ErrorCode } from '../../../kernel/errors.js';
import type { EntryBody, StatementEntry } from '../../../recording/entries/entries.js';
import type { AskedSetting } from '../sql/session/session-change.js';
import { askedQuery, judgeAsked } from '../judge/asked-settings.js';
import { whyNotInBulk } from './bulk-rows.js';
import type { CommandReader, ReadStatement } from './command-reader.js';
import { isDeferred, longDataFor } from './deferred-statements.js';
import { approvalAskedEntry, approvalDecidedEntry, forwardedEntry } from '../../../gateway/held-entries.js';
import type { InFlight, Phase } from './in-flight.js';
import { type Kill, killOf } from '../sql/session/kill.js';
import { ignoringRefusal, OwnStatementRefused } from './own-exchange.js';
import { isBeyond } from './own-statements.js';
import type { JudgedStatement, Judgement } from '../judge/judgement.js';
import { RowLimit } from './row-limited-answer.js';
import type { SessionContext } from './session-context.js';
import { carryOut } from './session-kill.js';
import type { SessionOptions } from './session-options.js';
import type { SessionUpkeep } from './session-upkeep.js';
import {
  sessionSettingsOf,
  sessionSettingsQuery,
  settingsWanted,
  type SessionSettings,
} from '../preview/session-settings.js';
import { quoteIdentifier } from '../account/sql-quote.js';
import type { Refused } from '../../../gateway/gate-refusals.js';
import type { Admission, Admitted, GatedClient } from '../../../gateway/operation-gate.js';
import type { SessionWindow } from '../held/session-door.js';
import type { SessionStatement } from '../held/held-statement.js';
import type { Turned } from './turned.js';
import { StatementRehearsal, type RehearsalHost } from './statement-rehearsal.js';

/** The session as its statements see it on their way to the target. */
export interface StatementHost {
  readonly phase: () => Phase;
  readonly enter: (phase: Phase) => void;
  /** The phase is `held` now, or the session over since its client went. */
  readonly hold: () => void;
  /** Starts what takes several turns; whatever it throws ends the session. */
  readonly go: (work: () => Promise<void>) => void;
  /** Appends an entry, and once it is written sends the statement in flight to the target. */
  readonly forward: (entry: EntryBody) => void;
  /** A command that is no statement of the recording is refused. */
  readonly refuse: (inFlight: InFlight, code: ErrorCode, detail: string | undefined) => void;
  /** The statement does not run, and its client is told why. */
  readonly turn: (inFlight: InFlight, turned: Turned) => void;
  /** A COM_STMT_PREPARE is answered so, in place of the target. */
  readonly answerDeferred: (inFlight: InFlight, answer: Buffer) => void;
  readonly whyNot: () => ErrorCode | undefined;
  /** Runs a statement of the gateway's own. */
  readonly run: (statement: string) => Promise<Buffer>;
  /** Answers a command that the gateway has carried out itself; `code`: what was refused. */
  readonly answer: (inFlight: InFlight, code: ErrorCode | undefined) => void;
  /** Prepares a text in the session, as a statement of the gateway's own. */
  readonly prepare: RehearsalHost['prepare'];
  /** Sends the target bytes that have no answer. */
  readonly tell: (wire: Buffer) => void;
  readonly upkeep: Pick<SessionUpkeep, 'enterFor' | 'leave'>;
  readonly context: Pick<
    SessionContext,
    'commitsEachStatement' | 'hasUncommitted' | 'mayHaveTemporaryTables' | 'origin'
  >;
  readonly idle: () => void;
  readonly pump: () => void;
  /** What the session may do in its database has changed since it entered. */
  readonly mustEnterAnew: () => boolean;
  readonly enterAnew: () => Promise<void>;
  /** The client is told that its transaction was rolled back. */
  readonly rolledBack: () => void;
}

/**
 * The way of a statement from its reading to its forwarding: judged, recorded, and then straight on, turned away, or
 * held at the gate. Nothing here waits for a statement that was judged before and is allowed.
 */
export class StatementPath {
  readonly #options: SessionOptions;
  readonly #reader: CommandReader;
  readonly #host: StatementHost;
  readonly #rehearsal: StatementRehearsal;
  #waiting: AbortController | undefined;
  #givesWay = new AbortController();

  constructor(options: SessionOptions, reader: CommandReader, host: StatementHost) {
    this.#options = options;
    const { prepare, tell, context } = host;
    const { rehearser, capabilities } = options;
    this.#rehearsal = new StatementRehearsal({ prepare, tell, context, capabilities }, rehearser);
    this.#reader = reader;
    this.#host = host;
  }

  start(inFlight: InFlight, read: ReadStatement): void {
    const { command, analysed, scene } = read.judged;
    const kill = command !== 'COM_QUERY' || analysed === undefined ? undefined : killOf(analysed, scene.dialect);
    if (kill !== undefined) return this.#kill(inFlight, read, kill);
    const judging = this.#options.judge.judge(read.judged);
    if (!(judging instanceof Promise)) return this.#known(inFlight, read, judging);
    this.#host.enter('judging');
    this.#host.go(async () => {
      const judgement = await judging;
      if (this.#host.phase() !== 'judging') return;
      this.#known(inFlight, read, judgement);
      this.#host.pump(); // goes on when it was refused at once
    });
  }

  /** A judgement of the text alone; what it sets may have to be learnt from the target first. */
  #known(inFlight: InFlight, read: ReadStatement, judgement: Judgement): void {
    const unfit = read.judged.bulk === undefined ? undefined : whyNotInBulk(read.judged.bulk, judgement.facts);
    if (unfit !== undefined && judgement.verdict !== 'deny') {
      return this.#judged(inFlight, read, denied(judgement, 'bulk_refused', unfit));
    }
    const { asks, limitMs } = judgement.effect ?? {};
    if (limitMs !== undefined && this.#isBeyondDeadline(limitMs)) {
      return this.#judged(inFlight, read, denied(judgement, 'session_change_refused', LIMIT_TOO_LONG));
    }
    const isPrepared = read.judged.command === 'COM_STMT_PREPARE'; // which sets nothing
    if (asks === undefined || isPrepared || judgement.verdict === 'deny') {
      return this.#judged(inFlight, read, judgement);
    }
    this.#host.enter('judging');
    this.#host.go(async () => {
      const learnt = await this.#learn(read.judged, judgement, asks);
      this.#host.hold();
      if (this.#host.phase() !== 'held') return;
      this.#judged(inFlight, read, learnt);
      this.#host.pump();
    });
  }

  /** The values come from the session that they are for: nothing else of its client runs between this and the statement. */
  async #learn(judged: JudgedStatement, judgement: Judgement, asks: readonly AskedSetting[]): Promise<Judgement> {
    const query = askedQuery(asks);
    const response = query === undefined ? undefined : await this.#host.run(query).catch(ignoringRefusal);
    if (query !== undefined && response === undefined) {
      return denied(
        judgement,
        'session_change_refused',
        'The target could not compute the value that the statement sets.',
      );
    }
    const { capabilities } = this.#options;
    const change = judgeAsked(asks, {
      response,
      capabilities,
      values: judged.values,
      origin: this.#host.context.origin,
    });
    if (change.kind === 'refuse') return denied(judgement, change.code, change.detail);
    // What came of it is asked again behind it.
    return { ...judgement, effect: { ...judgement.effect, isUnknown: true } };
  }

  #isBeyondDeadline(limitMs: number): boolean {
    const { deadlineMs, clock } = this.#options;
    return isBeyond(limitMs, deadlineMs - clock.nowMs());
  }

  /** A command that enters a database waits until nothing is given there that its session would keep. */
  enter(inFlight: InFlight, entry: EntryBody, database: string): void {
    this.#host.enter('held');
    this.#waiting = new AbortController();
    const opening = this.#options.door.openToEnter(database, this.#waiting.signal);
    this.#host.go(async () => {
      const window = await opening.catch(turnedByFault);
      const isHeld = this.#host.phase() === 'held';
      if ('kind' in window) {
        if (!isHeld) return;
        this.#host.refuse(inFlight, window.code, window.detail);
        this.#host.idle();
      } else if (isHeld) {
        inFlight.admitted = { kind: 'forward', approval: undefined, window, scope: null };
        this.#host.forward(entry);
      } else {
        await window.close();
      }
    });
  }

  /** The gateway carries it out and answers it, once its entry is written: it reaches the grant's own sessions alone. */
  carryOut(inFlight: InFlight, entry: EntryBody, kill: Kill): void {
    const { targetThread: thread, capabilities, peers, recorder } = this.#options;
    this.#host.enter('settling');
    recorder.append(entry, () => {
      this.#host.go(async () => {
        const code = await carryOut(kill, { thread, capabilities, peers, run: this.#host.run });
        this.#host.answer(inFlight, code);
      });
    });
  }

  #kill(inFlight: InFlight, read: ReadStatement, kill: Kill): void {
    const entry = this.#entryOf(inFlight, read, CARRIED_OUT);
    if (entry === undefined) return;
    inFlight.statement = entry.statement;
    this.carryOut(inFlight, entry, kill);
  }

  /** What waits is not waited for any more. */
  abandon(reason: Error): void {
    this.#waiting?.abort(reason);
  }

  /** What waits in a transaction gives way to others: the transaction is rolled back, and its client told why. */
  giveWay(why: BrokerError): void {
    this.#givesWay.abort(why);
  }

  #judged(inFlight: InFlight, read: ReadStatement, judgement: Judgement): void {
    const { recorder, door } = this.#options;
    const { verdict, missing, refusal, why } = judgement;
    inFlight.judgement = judgement;
    const entry = this.#entryOf(inFlight, read, judgement);
    if (entry === undefined) return;
    inFlight.statement = entry.statement;
    const isStraight =
      verdict === 'allow' &&
      missing.length === 0 &&
      !isDeferred(read) &&
      !door.mustWait(judgement) &&
      !this.#host.mustEnterAnew();
    if (isStraight) return this.#host.forward(entry);
    recorder.append(entry);
    if (verdict === 'deny') this.#host.turn(inFlight, { kind: 'refuse', code: refusal, detail: why || undefined });
    else this.#hold(inFlight, read, judgement);
  }

  #entryOf(
    inFlight: InFlight,
    read: ReadStatement,
    judgement: Parameters<CommandReader['entryOf']>[1],
  ): StatementEntry | undefined {
    try {
      return this.#reader.entryOf(read, judgement);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      this.#host.enter('idle');
      this.#host.refuse(inFlight, error.code, error.detail);
      return undefined;
    }
  }

  #hold(inFlight: InFlight, read: ReadStatement, judgement: Judgement): void {
    this.#host.enter('held');
    this.#host.go(async () => {
      const settings = await this.#settings(judgement);
      const before = await this.#rehearsal.before(read, judgement, settings);
      if (this.#host.phase() === 'ended') return;
      this.#host.hold();
      if (this.#host.phase() !== 'held') return;
      if (before.kind === 'answer') return this.#host.answerDeferred(inFlight, before.answer);
      if (before.kind === 'refuse') return this.#turnedAway(inFlight, before);
      this.#waiting = new AbortController();
      this.#givesWay = new AbortController();
      const { signal } = this.#waiting;
      const { signal: givesWay } = this.#givesWay;
      const held = { judgement, settings, signal, givesWay };
      const answer = await this.#admission(inFlight, read, held).catch(turnedByFault);
      if (this.#host.phase() !== 'held') {
        if (answer.kind === 'forward') await answer.window.close();
        return;
      }
      if (answer.kind === 'forward') await this.#admitted(inFlight, read, answer);
      else await this.#turnedAway(inFlight, answer);
    });
  }

  /** Of the session, where what the statement means depends on them. */
  async #settings(judgement: Judgement): Promise<SessionSettings | undefined> {
    if (judgement.verdict !== 'hold' || !settingsWanted(judgement.facts)) return undefined;
    const { dialect, capabilities } = this.#options;
    const { flavour } = dialect;
    const answer = await this.#host.run(sessionSettingsQuery(flavour)).catch(ignoringRefusal); // then they are not known
    return answer === undefined ? undefined : sessionSettingsOf(answer, { capabilities, flavour });
  }

  #admission(
    inFlight: InFlight,
    { judged }: ReadStatement,
    {
      judgement,
      settings,
      signal,
      givesWay,
    }: Pick<SessionStatement, 'judgement' | 'settings'> & Pick<GatedClient, 'signal' | 'givesWay'>,
  ): Promise<Admission<SessionWindow>> {
    const { recorder, gate, hold, targetThread, number: session } = this.#options;
    const { statement } = inFlight;
    assert(statement !== undefined, 'a held statement has a number');
    const of = { session, statement };
    const held = hold({
      ...of,
      thread: targetThread,
      hasUncommitted: this.#host.context.hasUncommitted,
      commitsByItself: this.#host.context.commitsEachStatement,
      judged,
      judgement,
      settings,
      mustEnterAnew: () => this.#host.mustEnterAnew(),
      enterAnew: async () => {
        await this.#host.enterAnew();
        this.#host.hold();
      },
    });
    return gate.admit(held, {
      signal,
      givesWay,
      onAsked: (standing, terms) => {
        inFlight.asked = standing;
        recorder.append(approvalAskedEntry(of, standing, terms));
      },
      onDecided: (standing) => {
        inFlight.asked = undefined;
        const outcome = standing.state === 'pending' ? 'abandoned' : standing.state;
        recorder.append(approvalDecidedEntry(of, standing, outcome));
      },
    });
  }

  async #admitted(inFlight: InFlight, read: ReadStatement, admitted: Admitted<SessionWindow>): Promise<void> {
    const { statement } = inFlight;
    assert(statement !== undefined, 'a held statement has a number');
    inFlight.admitted = admitted;
    const code = this.#host.whyNot();
    if (code !== undefined) return this.#turnedAway(inFlight, { kind: 'refuse', code });
    await this.#host.upkeep.enterFor(admitted.window);
    const impossible = await this.#prepareNow(read);
    if (impossible !== undefined) return this.#turnedAway(inFlight, impossible);
    const rowsMax = admitted.scope?.rowsMax ?? null;
    if (rowsMax !== null) {
      // An error may have ended the transaction without saying so; every OK says whether one is open.
      await this.#host.run(TELL_STATUS);
      const limit = new RowLimit(rowsMax, this.#host.context.commitsEachStatement, this.#options.capabilities);
      await this.#host.run(limit.bracket.begin);
      inFlight.rowLimit = limit;
    }
    const { approval, window } = admitted;
    const of = { session: this.#options.number, statement };
    this.#host.forward(forwardedEntry(of, { approval, given: window.given, rowsMax }));
    if (window.given.length === 0 && inFlight.judgement !== undefined && isChecked(inFlight.judgement)) {
      setTimeout(() => void window.close(), CHECKED_AFTER_MS).unref();
    }
  }

  /** Prepares at the target what is executed and was deferred until now, and sends it what the client has sent ahead. */
  async #prepareNow(read: ReadStatement): Promise<Turned | undefined> {
    const prepared = read.executed?.prepared;
    if (prepared === undefined || prepared.targetId !== undefined) return undefined;
    const own = this.#reader.databaseNow;
    const { database } = prepared.scene;
    if (database === null && own !== null) return { kind: 'refuse', code: 'statement_unknown', detail: NO_DATABASE };
    try {
      if (database !== null && database !== own) await this.#host.run(`USE ${quoteIdentifier(database)}`);
      const { head } = await this.#host.prepare(prepared.read.bytes);
      if (head?.parameterCount !== prepared.parameterCount) return { kind: 'refuse', code: 'statement_drifted' };
      prepared.targetId = head.statementId;
    } catch (error) {
      if (!(error instanceof OwnStatementRefused)) throw error;
      return { kind: 'refuse', answer: error.packet };
    } finally {
      if (own !== null && database !== own && this.#host.phase() !== 'ended') {
        await this.#host.run(`USE ${quoteIdentifier(own)}`);
      }
    }
    for (const piece of longDataFor(prepared.targetId, this.#reader.longDataOf(prepared))) this.#host.tell(piece);
    return undefined;
  }

  async #turnedAway(inFlight: InFlight, turned: Turned): Promise<void> {
    if ('rollsBack' in turned) {
      await this.#host.run('ROLLBACK');
      this.#host.rolledBack();
    }
    if (inFlight.admitted !== undefined) await this.#host.upkeep.leave(inFlight.admitted.window);
    if (this.#host.phase() === 'ended') return;
    this.#host.turn(inFlight, turned);
    this.#host.idle();
  }
}

/** No policy decides over it: it ends what the grant itself has begun. */
const CARRIED_OUT = { verdict: 'allow', policies: [], fingerprint: null, why: '' } as const;

const TELL_STATUS = 'DO 0';
const NO_DATABASE = 'The statement was prepared before the session entered a database; prepare it again.';

/** By then the target has looked what the account may do, and started to read. */
const CHECKED_AFTER_MS = 1_000;

/**
 * The target looks once what a read may do, when it starts. It was lent nothing, so that whatever is given later is of no
 * use to it, and nobody has to wait until it ends. Stored code is looked at with each of its statements.
 */
function isChecked({ facts }: Judgement): boolean {
  const { action, notUnderstood, unknownFunctions, tables } = facts;
  const runsStoredCode =
    unknownFunctions.some(({ database }) => database !== null) || tables.some(({ by }) => by === 'routine');
  return action === 'read' && notUnderstood === null && !runsStoredCode;
}

const LIMIT_TOO_LONG =
  "The statement's own time limit goes beyond the deadline of the grant. Leave the limit out, or make it smaller.";

function denied(judgement: Judgement, refusal: ErrorCode, why: string): Judgement {
  return { ...judgement, verdict: 'deny', refusal, why };
}

function turnedByFault(error: unknown): Refused {
  const fault = error instanceof BrokerError ? error : new BrokerError('internal', { cause: error });
  const rollsBack = fault.code === 'transaction_rolled_back' ? { rollsBack: true as const } : {};
  return { kind: 'refuse', code: fault.code, detail: fault.detail, ...rollsBack };
}
