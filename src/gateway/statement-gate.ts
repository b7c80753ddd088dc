import { isUtf8CharacterSet } from '../protocols/mysql/charset/character-sets.js';
import type { NeededPrivilege } from '../protocols/sql/privilege.js';
import type { OnHold } from '../domain/grant.js';
import { isTextUnderstood, type StatementFacts } from '../protocols/sql/statement.js';
import type { ApprovalState, StatementPreview } from '../domain/approval.js';
import { oneLine } from '../protocols/mysql/sql/text/one-line.js';
import { shownLine } from '../domain/visible-text.js';
import { assert, unreachable } from '../kernel/assert.js';
import type { ApprovalId, GrantId } from '../kernel/brand.js';
import type { Clock } from '../kernel/clock.js';
import { BrokerError, type ErrorCode } from '../kernel/errors.js';
import { mayLimitRows } from '../protocols/sql/catalog/can-roll-back.js';
import type { ApprovalDesk, ApprovalQuestion, ApprovalStanding, GatewayLog } from './ports.js';
import type { JudgedStatement, Judgement, StatementJudge } from '../protocols/mysql/judge/judgement.js';
import type { PreviewedStatement } from '../protocols/mysql/preview/previewed-statement.js';
import type { SessionSettings } from '../protocols/mysql/preview/session-settings.js';
import { describePrivilege } from '../protocols/sql/privileges/describe-privilege.js';
import type { StatementDoor } from '../protocols/sql/privileges/no-door.js';
import type { PrivilegeWindow } from '../protocols/sql/privileges/privilege-door.js';
import { named } from '../protocols/sql/privileges/turn-wait.js';
import type { TurnUser } from '../protocols/sql/privileges/turns.js';
import type { ErrPacket } from '../protocols/mysql/wire/packets.js';
import { shapeKeyOf, statementKeyOf } from '../protocols/sql/statement-key.js';

/** The gate as sessions see it. */
export type SessionGate = Pick<StatementGate, 'epoch' | 'mustWait' | 'admit' | 'openToEnter'>;

export interface StatementGateOptions {
  readonly grant: GrantId;
  readonly deadlineMs: number;
  /** With `error` no client waits: it is told the approval, and sends the statement again. */
  readonly onHold: OnHold;
  readonly desk: ApprovalDesk;
  readonly privileges: Omit<StatementDoor, 'stand'>;
  readonly preview: (statement: PreviewedStatement) => Promise<StatementPreview>;
  /** Whether what the statement writes can be rolled back. */
  readonly canRollBack: (facts: StatementFacts) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: GatewayLog;
}

/** A statement that does not go straight through. */
export interface HeldStatement {
  readonly session: number;
  readonly statement: number;
  readonly thread: number;
  /** The open transaction, if there is one, did more than read. */
  readonly hasUncommitted: boolean;
  /** Of the session, where what the statement means depends on them. */
  readonly settings: SessionSettings | undefined;
  readonly commitsByItself: boolean;
  readonly judged: JudgedStatement;
  readonly judgement: Judgement;
  /** Whose judgement it is. */
  readonly judge: Pick<StatementJudge, 'judgeAnew'>;
  /** Aborted when the client or the grant is gone. */
  readonly signal: AbortSignal;
  /** Aborted, with a BrokerError, when its transaction has to give way to others who wait for its locks. */
  readonly givesWay: AbortSignal;
  /** What its session may do in its database is what it was when it entered, and has changed since. */
  readonly mustEnterAnew: () => boolean;
  /** @throws when the target does not let it in */
  readonly enterAnew: () => Promise<void>;
  readonly onAsked: (standing: ApprovalStanding, question: ApprovalQuestion) => void;
  readonly onDecided: (standing: ApprovalStanding) => void;
}

export type Admission = Admitted | Refused;

/** It may go to the target now; the caller closes the window when it is answered. */
export interface Admitted {
  readonly kind: 'forward';
  readonly approval: ApprovalId | undefined;
  readonly window: PrivilegeWindow;
  /** It is to be rolled back when it changes more rows. */
  readonly rowsMax: number | null;
}

/** It does not run, since the broker does not let it. */
export interface Refused {
  readonly kind: 'refuse';
  readonly code: ErrorCode;
  readonly detail?: string | undefined;
  /** The policy does not let its transaction keep what it has locked. */
  readonly rollsBack?: true;
}

/** It does not run, since it cannot: the target itself says why. */
export interface Impossible {
  readonly kind: 'refuse';
  readonly answer: ErrPacket;
}

export type Turned = Refused | Impossible;

/** It waited, and is not any more what it was judged to be. */
interface Drifted {
  readonly drifted: Judgement;
}

/** The same statement may turn out to touch other things whenever it was approved; that is not asked for ever. */
const ASKED_MAX = 3;
/** Behind this, policies or catalog may have changed since it was judged. */
const WAITED_LONG_US = 200_000;

/**
 * What stands between a judged statement and the target when its verdict alone is not enough: the question to people,
 * the wait, the one use of what they decided, and the privileges for this statement. Works for all sessions of a grant.
 */
export class StatementGate {
  readonly #options: StatementGateOptions;

  constructor(options: StatementGateOptions) {
    this.#options = options;
  }

  /** Changes whenever sessions must enter their database anew: a server keeps what they had there when they entered. */
  get epoch(): number {
    return this.#options.privileges.epoch;
  }

  /** True when a statement that is allowed and has all its privileges must wait all the same. */
  mustWait({ facts, effect }: Judgement): boolean {
    if (effect?.database !== undefined) return true;
    // Transaction control needs no privilege, and what holds locks must be able to let go of them.
    return this.#options.privileges.isOpen && facts.action !== 'session';
  }

  /** Waits until a session may enter the database; the caller closes the window when it has. @throws as {@link admit} */
  openToEnter(database: string | null, signal?: AbortSignal): Promise<PrivilegeWindow> {
    return this.#options.privileges.openToEnter(database, signal);
  }

  /** @throws the signal's reason; BrokerError `privileges_not_given`, `state_unavailable`, `approvals_over_limit` */
  async admit(held: HeldStatement): Promise<Admission> {
    let { judgement } = held;
    for (let tries = 0; tries < ASKED_MAX; tries += 1) {
      if (judgement.verdict === 'deny') return { kind: 'refuse', code: judgement.refusal, detail: judgement.why };
      if (judgement.verdict === 'hold') {
        if (judgement.outside.length > 0) return outsideGrant(judgement.outside);
        // Preparing runs nothing: each execution is asked for by itself, with its values.
        if (held.judged.command !== 'COM_STMT_PREPARE') return this.#ask({ ...held, judgement });
      }
      const opened = await this.#open(held, judgement);
      if (!('drifted' in opened)) return { kind: 'forward', approval: undefined, window: opened, rowsMax: null };
      judgement = opened.drifted;
    }
    return { kind: 'refuse', code: 'statement_drifted' };
  }

  async #ask(held: HeldStatement): Promise<Admission> {
    let { judgement } = held;
    for (let asked = 0; asked < ASKED_MAX; asked += 1) {
      const question = this.#question(held, judgement);
      if (question === undefined) return { kind: 'refuse', code: 'statement_hold_in_transaction' };
      const standing = await this.#decisionOn(held, question);
      if (standing.state === 'pending' && this.#options.onHold === 'error') return toldToComeAgain(standing);
      if (standing.state !== 'approved') return turnedBy(standing.state, standing, question, held.givesWay);
      const now = await held.judge.judgeAnew(held.judged);
      if (now.verdict === 'deny') return { kind: 'refuse', code: now.refusal, detail: now.why };
      if (now.outside.length > 0) return outsideGrant(now.outside);
      // An approval is for what was shown; what has become of it meanwhile is asked again.
      const admission =
        statementKeyOf(held, now) === question.statementKey ? await this.#use(held, now, standing) : { drifted: now };
      if (!('drifted' in admission)) return admission;
      judgement = admission.drifted;
      if (judgement.verdict === 'deny') return { kind: 'refuse', code: judgement.refusal, detail: judgement.why };
      if (judgement.verdict === 'allow') return this.admit({ ...held, judgement });
    }
    return { kind: 'refuse', code: 'statement_drifted' };
  }

  /** Undefined when the policy does not let it wait inside the transaction that is open. */
  #question(held: HeldStatement, judgement: Judgement): ApprovalQuestion | undefined {
    const { session, statement, judged } = held;
    const { hold: terms, policyVersion } = judgement;
    assert(terms !== null && policyVersion !== null && judged.text !== undefined, 'a held statement was judged');
    const { inTransaction, database } = judged.scene;
    if (inTransaction && terms.inTransaction === 'refuse') return undefined;
    const { grant, deadlineMs, clock } = this.#options;
    return {
      grant,
      statementKey: statementKeyOf(held, judgement),
      keyInTransaction: held.commitsByItself ? statementKeyOf({ ...held, commitsByItself: false }, judgement) : null,
      shapeKey: shapeKeyOf(held, judgement),
      session,
      statement,
      text: judged.text,
      line: oneLine(judged.text, judged.scene.dialect),
      values: judged.values,
      ...(judged.bulk === undefined ? {} : { bulk: judged.bulk.asked() }),
      database,
      facts: judgement.facts,
      policies: judgement.policies,
      policyVersion,
      why: judgement.why + timesRun(judged) + this.#whatGoesFirst(),
      terms,
      inTransaction,
      waits: this.#options.onHold !== 'error' && !(inTransaction && terms.inTransaction === 'rollback'),
      expiresAtMs: Math.min(clock.nowMs() + terms.holdSeconds * 1000, deadlineMs),
    };
  }

  /** Whoever decides shall know why an approved statement does not run at once. */
  #whatGoesFirst(): string {
    const { holders } = this.#options.privileges;
    if (holders.length === 0) return '';
    return ` As it was asked, ${holders.map(named).join(', ')} was running; it may have to wait for that once it is approved.`;
  }

  /** Pending only when the grant's `onHold`, or its transaction, does not wait, or the transaction has to give way. */
  async #decisionOn(held: HeldStatement, question: ApprovalQuestion): Promise<ApprovalStanding> {
    const { desk } = this.#options;
    held.signal.throwIfAborted(); // nobody is asked for a client that went while it was judged anew
    const asked = await desk.ask(question);
    if (held.signal.aborted) return desk.settled(asked.id, held.signal); // it notes that nobody waits, and throws
    held.onAsked(asked, question);
    if (asked.state === 'pending' && !asked.again) this.#preview(asked.id, held, question);
    const standing = asked.state === 'pending' && question.waits ? await this.#settled(held, asked) : asked;
    held.onDecided(standing);
    return standing;
  }

  /** In a transaction it waits as anywhere else, for as long as nobody has waited too long for its locks. */
  async #settled({ signal, givesWay }: HeldStatement, asked: ApprovalStanding): Promise<ApprovalStanding> {
    try {
      return await this.#options.desk.settled(asked.id, AbortSignal.any([signal, givesWay]));
    } catch (error) {
      if (signal.aborted || !givesWay.aborted) throw error;
      return asked;
    }
  }

  #preview(
    id: ApprovalId,
    { judged, thread, hasUncommitted, settings }: HeldStatement,
    { facts }: ApprovalQuestion,
  ): void {
    const { preview, desk, log, grant } = this.#options;
    const { bytes, analysed = bytes, values, bulk, scene } = judged;
    preview({
      text: analysed,
      isRepeatable: isRepeatable(judged),
      values,
      ...(bulk === undefined ? {} : { bulk: { rows: bulk.count, isCounted: !bulk.wantsUnitResults } }),
      facts,
      thread,
      hasUncommitted,
      ...(settings === undefined ? {} : { settings }),
      ...scene,
    })
      .then((found) => desk.show(id, found))
      .catch((error: unknown) => log.warn({ grant, approval: id, err: error }, 'a preview could not be shown'));
  }

  /** Takes the one use: whoever gets it forwards, nobody else ever does. */
  async #use(held: HeldStatement, judgement: Judgement, approved: ApprovalStanding): Promise<Admission | Drifted> {
    const { desk, canRollBack } = this.#options;
    const { facts } = judgement;
    const rowsMax = approved.scope?.rowsMax ?? null;
    const isCounted = held.judged.bulk?.wantsUnitResults !== true; // else the answer is no number of rows
    if (rowsMax !== null && !(isCounted && mayLimitRows(facts) && (await canRollBack(facts)))) {
      await desk.use(approved.id); // it is of no use to anybody: the same statement asks anew
      return { kind: 'refuse', code: 'row_limit_impossible', detail: `Approval ${approved.id}.` };
    }
    const window = await this.#open(held, judgement);
    if ('drifted' in window) return window;
    try {
      held.signal.throwIfAborted();
      if (await desk.use(approved.id)) {
        return { kind: 'forward', approval: approved.id, window, rowsMax };
      }
    } catch (error) {
      await window.close();
      throw error;
    }
    await window.close();
    return { kind: 'refuse', code: 'approval_used', detail: `Approval ${approved.id}.` };
  }

  /**
   * What stands may have changed while it waited: then its session enters its database anew before it runs, or it would
   * run with what it had when it entered.
   */
  async #openEntered(held: HeldStatement, open: () => Promise<PrivilegeWindow>): Promise<PrivilegeWindow> {
    for (let tries = 0; tries < ASKED_MAX; tries += 1) {
      const window = await open();
      if (!held.mustEnterAnew()) return window;
      await window.close();
      await held.enterAnew();
      held.signal.throwIfAborted();
    }
    throw new BrokerError('privileges_not_given', { detail: 'What stands for the grant changes all the time.' });
  }

  /** What had to wait for its turn is judged anew. */
  async #open(held: HeldStatement, judgement: Judgement): Promise<PrivilegeWindow | Drifted> {
    const { privileges, clock } = this.#options;
    const { effect } = judgement;
    const missing = lentFor(held, judgement);
    const sinceUs = clock.monotonicUs();
    const waits = privileges.isOpen;
    const signal = AbortSignal.any([held.signal, held.givesWay]);
    const user = turnUserOf(held, judgement);
    const open = (): Promise<PrivilegeWindow> =>
      effect?.database === undefined
        ? privileges.open(missing, signal, user)
        : privileges.openToEnter(effect.database, signal, user);
    const window = await this.#openEntered(held, open);
    if (!waits && clock.monotonicUs() - sinceUs < WAITED_LONG_US) return window;
    try {
      const now = await held.judge.judgeAnew(held.judged);
      if (isSame(held, judgement, now)) return window;
      await window.close();
      return { drifted: now };
    } catch (error) {
      await window.close();
      throw error;
    }
  }
}

/** As it is named to those who wait behind it. */
function turnUserOf({ session, statement, thread, judged }: HeldStatement, { facts }: Judgement): TurnUser {
  const { inTransaction } = judged.scene;
  const [first, ...more] = facts.tables.filter(({ by }) => by === 'text');
  const on = first === undefined ? '' : ` ${first.database === null ? '' : `${first.database}.`}${first.table}`;
  const what = shownLine(`${facts.kind}${on}${more.length === 0 ? '' : ' and others'}`);
  return { session, statement, thread, inTransaction, what };
}

/**
 * Preparing runs nothing, and nobody has approved it: for that alone nothing is given that an execution would have to be
 * approved for, and to a text that is not understood nothing at all.
 */
function lentFor({ judged }: HeldStatement, { verdict, facts, missing }: Judgement): readonly NeededPrivilege[] {
  const isPrepared = judged.command === 'COM_STMT_PREPARE';
  return isPrepared && (verdict === 'hold' || !isTextUnderstood(facts)) ? [] : missing;
}

function isSame(held: HeldStatement, judgement: Judgement, now: Judgement): boolean {
  return (
    now.verdict === judgement.verdict &&
    JSON.stringify(now.missing) === JSON.stringify(judgement.missing) &&
    statementKeyOf(held, now) === statementKeyOf(held, judgement)
  );
}

function outsideGrant(outside: readonly NeededPrivilege[]): Refused {
  return {
    kind: 'refuse',
    code: 'statement_outside_grant',
    detail: `It needs ${outside.map(describePrivilege).join(', ')}.`,
  };
}

/** The question stays: the same statement finds the decision when it is sent again. */
function toldToComeAgain({ id, expiresAtMs }: ApprovalStanding): Refused {
  const until = new Date(expiresAtMs).toISOString();
  return { kind: 'refuse', code: 'statement_held', detail: `People are asked until ${until} with approval ${id}.` };
}

function turnedBy(
  state: Exclude<ApprovalState, 'approved'>,
  { id, decisions }: ApprovalStanding,
  { terms, inTransaction }: ApprovalQuestion,
  givesWay: AbortSignal,
): Refused {
  const kept = inTransaction ? ' The transaction is still open.' : '';
  switch (state) {
    case 'denied': {
      const denial = decisions.find(({ decision }) => decision === 'deny');
      const reason = denial?.reason ?? null;
      return {
        kind: 'refuse',
        code: 'statement_denied_by_approver',
        detail: `Approval ${id}${reason === null ? ', without a reason. Ask the approver why, or do without it.' : `: ${sentence(reason)} Do what the reason says.`}${kept}`,
      };
    }
    case 'pending':
      return {
        kind: 'refuse',
        code: 'transaction_rolled_back',
        detail: `${whyRolledBack(givesWay)} It needs an approval: approval ${id} is still asked for, and once it is given the statement runs at once when it is sent again.`,
        rollsBack: true,
      };
    case 'timed-out':
      return {
        kind: 'refuse',
        code: 'approval_timed_out',
        detail: `Approval ${id} was open for ${terms.holdSeconds} s or until the deadline of the grant.${inTransaction ? ' The transaction was rolled back.' : ''}`,
        ...(inTransaction ? { rollsBack: true as const } : {}),
      };
    case 'cancelled':
      return { kind: 'refuse', code: 'approval_cancelled', detail: `Approval ${id}.${kept}` };
    default:
      return unreachable(state);
  }
}

function whyRolledBack({ aborted, reason }: AbortSignal): string {
  if (aborted && reason instanceof BrokerError) return reason.detail ?? '';
  return 'The policy does not let a transaction wait for people.';
}

/** What a person wrote, as the middle of a message. */
function sentence(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

/** Part of why it is asked: what one text does not show. */
function timesRun({ bulk }: JudgedStatement): string {
  if (bulk === undefined) return '';
  return ` It runs once for each of ${bulk.count} ${bulk.count === 1 ? 'row' : 'rows'} of values.`;
}

/** Whether a session of UTF-8 would read the text and the values as this one does. */
function isRepeatable({ bytes, analysed, values = [], scene }: JudgedStatement): boolean {
  const isUtf8 = isUtf8CharacterSet(scene.characterSet);
  return bytes === analysed && (isUtf8 || values.every(({ encoding }) => encoding === undefined));
}
