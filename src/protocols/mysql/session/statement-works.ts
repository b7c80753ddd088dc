import { brokerErrorOf } from '../../../kernel/errors.js';
import { unreachable } from '../../../kernel/assert.js';
import { forwardedEntry, approvalAskedEntry, approvalDecidedEntry } from '../../../gateway/held-entries.js';
import { quoteIdentifier } from '../account/sql-quote.js';
import { askedQuery, judgeAsked } from '../judge/asked-settings.js';
import type { Judgement } from '../judge/judgement.js';
import type { TransactionPatience } from '../locks/transaction-patience.js';
import {
  sessionSettingsOf,
  sessionSettingsQuery,
  settingsWanted,
  type SessionSettings,
} from '../preview/session-settings.js';
import type { CommandReader } from './command-reader.js';
import type { StatementRequest } from './request.js';
import { longDataFor } from './prepared/deferred-statements.js';
import type { StatementOperation } from './machine/operation.js';
import type { NamedAct } from './machine/session-acts.js';
import type { SessionEvent } from './machine/session-events.js';
import type { Refusal } from './machine/session-state.js';
import type { OwnCommands } from './own/own-commands.js';
import { ignoringRefusal, OwnStatementRefused } from './own/own-exchange.js';
import { refusalByFault, refusalByTarget, refusalFor, refusalOf, whyNothingIsForwarded } from './answer/refusals.js';
import { RowLimit } from './answer/row-limited-answer.js';
import type { SessionContext } from './session-context.js';
import type { SessionOptions } from './session-options.js';
import type { SessionUpkeep } from './session-upkeep.js';
import { denied } from './session-judge.js';
import { StatementRehearsal } from './prepared/statement-rehearsal.js';

/** The acts that are works of this file. */
export type StatementWork = NamedAct<'learn' | 'rehearse' | 'ask-gate' | 'wait-to-enter' | 'make-ready' | 'undo'>;

/** The parts of a session that what is done for its statements needs. */
export interface StatementWorksParts {
  readonly reader: CommandReader;
  readonly context: SessionContext;
  readonly own: OwnCommands;
  readonly upkeep: SessionUpkeep;
  /** Tells the machine what happens while a work goes on. */
  readonly feed: (event: SessionEvent) => void;
  readonly patience: Pick<TransactionPatience, 'told'>;
}

/**
 * What takes several turns between a statement's reading and its forwarding. Each work runs by itself and gives the event
 * that it ends with; whether that still matters the machine knows.
 */
export class StatementWorks {
  readonly #options: SessionOptions;
  readonly #parts: StatementWorksParts;
  readonly #rehearsal: StatementRehearsal;
  #waiting = new AbortController();
  #givingWay = new AbortController();

  constructor(options: SessionOptions, parts: StatementWorksParts) {
    this.#options = options;
    this.#parts = parts;
    const { own, context } = parts;
    this.#rehearsal = new StatementRehearsal({ own, context, capabilities: options.capabilities }, options.rehearser);
  }

  start(act: StatementWork): Promise<SessionEvent> {
    switch (act.do) {
      case 'learn':
        return this.#learn(act);
      case 'rehearse':
        return this.#rehearse(act.operation);
      case 'ask-gate':
        return this.#askGate(act);
      case 'wait-to-enter':
        return this.#waitToEnter(act.database);
      case 'make-ready':
        return this.#makeReady(act);
      case 'undo':
        return this.#undo(act);
      default:
        return unreachable(act);
    }
  }

  /** What waits is not waited for any more. */
  abandon(reason: Error): void {
    this.#waiting.abort(reason);
  }

  /** What waits in a transaction gives way to others: the transaction is rolled back, and its client told why. */
  giveWay(why: Error): void {
    this.#givingWay.abort(why);
  }

  /** The values come from the session that they are for: nothing else of its client runs between this and the statement. */
  async #learn({ operation, judgement, settings }: NamedAct<'learn'>): Promise<SessionEvent> {
    const query = askedQuery(settings);
    const response = query === undefined ? undefined : await this.#parts.own.run(query).catch(ignoringRefusal);
    if (query !== undefined && response === undefined) {
      return { on: 'judgement', judgement: denied(judgement, 'session_change_refused', NOT_LEARNT) };
    }
    const { capabilities } = this.#options;
    const { origin } = this.#parts.context;
    const change = judgeAsked(settings, { response, capabilities, values: operation.request.judged.values, origin });
    if (change.kind === 'refuse') {
      return { on: 'judgement', judgement: denied(judgement, change.code, change.detail) };
    }
    // What came of it is asked again after it.
    return { on: 'judgement', judgement: { ...judgement, effect: { ...judgement.effect, isUnknown: true } } };
  }

  /** Finds out whether the target would take it, before anybody is asked. */
  async #rehearse({ request, judgement }: StatementOperation): Promise<SessionEvent> {
    const settings = await this.#settings(judgement);
    const found = await this.#rehearsal.before(request, judgement, settings);
    switch (found.kind) {
      case 'gate':
        return { on: 'rehearsed', settings };
      case 'answer':
        return { on: 'deferred', answer: found.answer };
      case 'refuse':
        return { on: 'turned-away', refusal: found.refusal };
      default:
        return unreachable(found);
    }
  }

  /** Of the session, where what the statement means depends on them. */
  async #settings(judgement: Judgement): Promise<SessionSettings | undefined> {
    if (judgement.verdict !== 'hold' || !settingsWanted(judgement.facts)) return undefined;
    const { dialect, capabilities } = this.#options;
    const { flavour } = dialect;
    const query = sessionSettingsQuery(flavour);
    const answer = await this.#parts.own.run(query).catch(ignoringRefusal); // then they are not known
    return answer === undefined ? undefined : sessionSettingsOf(answer, { capabilities, flavour });
  }

  /** Waits until the gate lets it through or turns it away. */
  async #askGate({ operation, settings }: NamedAct<'ask-gate'>): Promise<SessionEvent> {
    const { statement, request, judgement } = operation;
    const { gate, hold, targetThread: thread, number: session } = this.#options;
    const { context, upkeep, feed } = this.#parts;
    const place = { session, operation: statement };
    this.#waiting = new AbortController();
    this.#givingWay = new AbortController();
    const held = hold({
      session,
      statement,
      thread,
      hasUncommitted: context.hasUncommitted,
      context: {
        operations: this.#options.recent.before(statement),
        inTransactionSinceMs: context.transactionSinceMs,
      },
      commitsByItself: context.commitsEachStatement,
      judged: request.judged,
      judgement,
      settings,
      mustEnterAnew: () => upkeep.mustEnterAnew,
      enterAnew: () => upkeep.enterAnew(),
    });
    try {
      const answer = await gate.admit(held, {
        signal: this.#waiting.signal,
        givesWay: this.#givingWay.signal,
        onAsked: (question, terms) =>
          feed({ on: 'asked', question, entry: approvalAskedEntry(place, question, terms) }),
        onDecided: (question) => {
          const outcome = question.state === 'pending' ? 'abandoned' : question.state;
          feed({ on: 'decided', entry: approvalDecidedEntry(place, question, outcome) });
        },
      });
      if (answer.kind === 'forward') return { on: 'admitted', admission: answer };
      return { on: 'turned-away', refusal: refusalOf(answer) };
    } catch (error) {
      return { on: 'turned-away', refusal: refusalByFault(error) };
    }
  }

  /** Waits until nothing is given in the database that its session would keep. */
  async #waitToEnter(database: string): Promise<SessionEvent> {
    this.#waiting = new AbortController();
    try {
      return { on: 'may-enter', window: await this.#options.door.openToEnter(database, this.#waiting.signal) };
    } catch (error) {
      return { on: 'may-not-enter', fault: brokerErrorOf(error) };
    }
  }

  /** Makes the session ready for what the gate has admitted. */
  async #makeReady({ operation, admission }: NamedAct<'make-ready'>): Promise<SessionEvent> {
    const { statement, request, judgement } = operation;
    const { own, context, upkeep } = this.#parts;
    const { window, approval, scope } = admission;
    const rowsMax = scope?.rowsMax ?? null;
    const code = whyNothingIsForwarded(this.#options);
    if (code !== undefined) return { on: 'turned-away', refusal: refusalFor(code) };
    await upkeep.enterFor(window);
    const impossible = await this.#prepareNow(request);
    if (impossible !== undefined) return { on: 'turned-away', refusal: impossible };
    let rowLimit: RowLimit | undefined;
    if (rowsMax !== null) {
      // An error may have ended the transaction without saying so; every OK says whether one is open.
      await own.run(TELL_STATUS);
      rowLimit = new RowLimit(rowsMax, context.commitsEachStatement, this.#options.capabilities);
      await own.run(rowLimit.bracket.begin);
    }
    const { given } = window;
    const entry = forwardedEntry({ session: this.#options.number, operation: statement }, { approval, given, rowsMax });
    return { on: 'ready', entry, rowLimit, isSoonChecked: given.length === 0 && isCheckedAtStart(judgement) };
  }

  /** Prepares at the target what is executed and was deferred until now, and sends it what the client has sent ahead. */
  async #prepareNow({ executed }: StatementRequest): Promise<Refusal | undefined> {
    const prepared = executed?.prepared;
    if (prepared === undefined || prepared.targetId !== undefined) return undefined;
    const { own, reader } = this.#parts;
    const now = reader.databaseNow;
    const { database } = prepared.scene;
    if (database === null && now !== null) return refusalFor('statement_unknown', NO_DATABASE);
    try {
      if (database !== null && database !== now) await own.run(`USE ${quoteIdentifier(database)}`);
      const { head } = await own.prepare(prepared.read.bytes);
      if (head?.parameterCount !== prepared.parameterCount) return refusalFor('statement_drifted');
      prepared.targetId = head.statementId;
    } catch (error) {
      if (!(error instanceof OwnStatementRefused)) throw error;
      return refusalByTarget(error.packet);
    } finally {
      if (now !== null && database !== now && !own.isOver) await own.run(`USE ${quoteIdentifier(now)}`);
    }
    for (const piece of longDataFor(prepared.targetId, reader.longDataOf(prepared))) own.tell(piece);
    return undefined;
  }

  /** Takes back what was begun or given for a statement that does not run. */
  async #undo({ rollsBack, window }: NamedAct<'undo'>): Promise<SessionEvent> {
    const { own, upkeep, patience } = this.#parts;
    if (rollsBack) {
      await own.run('ROLLBACK');
      patience.told();
    }
    if (window !== undefined) await upkeep.leave(window);
    return { on: 'undone' };
  }
}

const TELL_STATUS = 'DO 0';
const NO_DATABASE = 'The statement was prepared before the session entered a database; prepare it again.';
const NOT_LEARNT = 'The target could not compute the value that the statement sets.';

/**
 * The target looks once what a read may do, when it starts. Where it was lent nothing, whatever is given later is of no use
 * to it, and nobody has to wait until it ends. Stored code is looked at with each of its statements.
 */
function isCheckedAtStart({ facts }: Judgement): boolean {
  const { action, notUnderstood, unknownFunctions, tables } = facts;
  const runsStoredCode =
    unknownFunctions.some(({ database }) => database !== null) || tables.some(({ by }) => by === 'routine');
  return action === 'read' && notUnderstood === null && !runsStoredCode;
}
