import type { ApprovalScope } from '../../../domain/approval.js';
import type { AskedContext } from '../../../domain/asked-context.js';
import type { StatementPreview } from '../../sql/statement-preview.js';
import { shownLine } from '../../../domain/visible-text.js';
import type { GatedOperation, OperationAsked, Ruling } from '../../../gateway/operation-gate.js';
import { assert } from '../../../kernel/assert.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { ErrorCode } from '../../../kernel/errors/error-table.js';
import { mayLimitRows } from '../../sql/catalog/can-roll-back.js';
import type { NeededPrivilege } from '../../sql/privilege.js';
import { describePrivilege } from '../../sql/privileges/describe-privilege.js';
import { named } from '../../sql/privileges/turn-wait.js';
import type { TurnUser } from '../../sql/privileges/turns.js';
import type { AskedStatement } from '../../sql/asked-statement.js';
import { statementExcerpt } from '../../sql/statement-excerpt.js';
import { isTextUnderstood, type StatementFacts } from '../../sql/statement.js';
import { isUtf8CharacterSet } from '../charset/character-sets.js';
import type { JudgedStatement, Judgement, StatementJudge } from '../judge/judgement.js';
import type { PreviewedStatement } from '../preview/previewed-statement.js';
import { oneLine } from '../sql/text/one-line.js';
import type { SessionDoor, SessionWindow } from './session-door.js';
import { shapeKeyOf, statementKeyOf, type KeyedStatement } from './statement-key.js';

/** A statement that does not go straight through, as its session knows it. */
export interface SessionStatement extends KeyedStatement {
  readonly thread: number;
  /** The open transaction, if there is one, did more than read. */
  readonly hasUncommitted: boolean;
  /** What its task had done before. */
  readonly context: AskedContext;
  readonly judgement: Judgement;
  /** What its session may do in its database is what it was when it entered, and has changed since. */
  readonly mustEnterAnew: () => boolean;
  /** @throws when the target does not let it in */
  readonly enterAnew: () => Promise<void>;
}

/** What a grant has for its held statements. */
export interface HoldTools {
  readonly judge: Pick<StatementJudge, 'judgeAnew'>;
  readonly privileges: Pick<SessionDoor, 'isOpen' | 'holders' | 'open' | 'openToEnter'>;
  readonly preview: (statement: PreviewedStatement) => Promise<StatementPreview>;
  /** Whether what the statement writes can be rolled back. */
  readonly canRollBack: (facts: StatementFacts) => Promise<boolean>;
}

/** What stands for the grant changes so often that no session comes to have it. */
const ENTERED_MAX = 3;

/** A statement at the gate of its grant: what it is named by, asked as, given and bound to. */
export class GatedStatement implements GatedOperation<SessionWindow> {
  readonly ruling: Ruling;
  readonly #statement: SessionStatement;
  readonly #tools: HoldTools;

  constructor(statement: SessionStatement, tools: HoldTools) {
    this.#statement = statement;
    this.#tools = tools;
    this.ruling = rulingOf(statement);
  }

  get session(): number {
    return this.#statement.session;
  }

  get operation(): number {
    return this.#statement.statement;
  }

  get inTransaction(): boolean {
    return this.#statement.judged.scene.inTransaction;
  }

  get hasToQueue(): boolean {
    return this.#tools.privileges.isOpen;
  }

  key(): string {
    return statementKeyOf(this.#statement, this.#statement.judgement);
  }

  identity(): string {
    const { verdict, missing } = this.#statement.judgement;
    return JSON.stringify([verdict, missing, this.key()]);
  }

  question(): OperationAsked {
    const { judged, judgement, commitsByItself } = this.#statement;
    const { policies, policyVersion, facts, why } = judgement;
    const { text, values, bulk, scene } = judged;
    assert(policyVersion !== null && text !== undefined, 'a held statement was judged');
    const inTransaction = { ...this.#statement, commitsByItself: false };
    return {
      keyInTransaction: commitsByItself ? statementKeyOf(inTransaction, judgement) : null,
      shapeKey: shapeKeyOf(this.#statement, judgement),
      excerpt: statementExcerpt({ text, line: oneLine(text, scene.dialect), database: scene.database, facts }),
      body: {
        text,
        values,
        ...(bulk === undefined ? {} : { bulk: bulk.asked() }),
        facts,
        dialect: scene.dialect,
      } satisfies AskedStatement,
      context: this.#statement.context,
      policies,
      policyVersion,
      why: why + timesRun(judged) + this.#whatGoesFirst(),
    };
  }

  async judgeAnew(): Promise<GatedStatement> {
    const judgement = await this.#tools.judge.judgeAnew(this.#statement.judged);
    return new GatedStatement({ ...this.#statement, judgement }, this.#tools);
  }

  /**
   * What stands may have changed while it waited: then its session enters its database again before it runs, or it would
   * run with what it had when it entered.
   */
  async open(signal: AbortSignal): Promise<SessionWindow> {
    const { mustEnterAnew, enterAnew } = this.#statement;
    for (let tries = 0; tries < ENTERED_MAX; tries += 1) {
      const window = await this.#give(signal);
      if (!mustEnterAnew()) return window;
      await window.close();
      await enterAnew();
      signal.throwIfAborted();
    }
    throw new BrokerError('privileges_not_given', {
      detail: 'The privileges that stand for the grant kept changing meanwhile.',
    });
  }

  preview(): Promise<StatementPreview> {
    const { judged, judgement, thread, hasUncommitted, settings } = this.#statement;
    const { bytes, analysed = bytes, values, bulk, scene } = judged;
    return this.#tools.preview({
      text: analysed,
      isRepeatable: isRepeatable(judged),
      values,
      ...(bulk === undefined ? {} : { bulk: { rows: bulk.count, isCounted: !bulk.wantsUnitResults } }),
      facts: judgement.facts,
      thread,
      hasUncommitted,
      ...(settings === undefined ? {} : { settings }),
      ...scene,
    });
  }

  async whyNotWithin({ rowsMax }: ApprovalScope): Promise<ErrorCode | undefined> {
    const { judged, judgement } = this.#statement;
    if (rowsMax === null) return undefined;
    const isCounted = judged.bulk?.wantsUnitResults !== true; // else the answer is no number of rows
    const canLimit = isCounted && mayLimitRows(judgement.facts) && (await this.#tools.canRollBack(judgement.facts));
    return canLimit ? undefined : 'row_limit_impossible';
  }

  #give(signal: AbortSignal): Promise<SessionWindow> {
    const { privileges } = this.#tools;
    const { effect } = this.#statement.judgement;
    const user = turnUserOf(this.#statement);
    return effect?.database === undefined
      ? privileges.open(lentFor(this.#statement), signal, user)
      : privileges.openToEnter(effect.database, signal, user);
  }

  /** Anyone who decides shall know why an approved statement does not run at once. */
  #whatGoesFirst(): string {
    const { holders } = this.#tools.privileges;
    if (holders.length === 0) return '';
    return ` When people were asked, ${holders.map(named).join(', ')} was running. After the approval this statement may have to wait for it.`;
  }
}

function rulingOf({ judged, judgement }: SessionStatement): Ruling {
  const { verdict, refusal, why, outside, hold } = judgement;
  if (verdict === 'deny') return { verdict, code: refusal, detail: why };
  if (verdict === 'allow') return { verdict };
  if (outside.length > 0) return outsideGrant(outside);
  // Preparing runs nothing: each execution is asked for by itself, with its values.
  if (judged.command === 'COM_STMT_PREPARE') return { verdict: 'allow' };
  assert(hold !== null, 'what is held has terms');
  return { verdict, terms: hold };
}

function outsideGrant(outside: readonly NeededPrivilege[]): Ruling {
  const detail = `It needs ${outside.map(describePrivilege).join(', ')}.`;
  return { verdict: 'deny', code: 'statement_outside_grant', detail };
}

/** As it is named to those who wait for it. */
function turnUserOf({ session, statement, thread, judged, judgement }: SessionStatement): TurnUser {
  const { inTransaction } = judged.scene;
  const { facts } = judgement;
  const [first, ...more] = facts.tables.filter(({ by }) => by === 'text');
  const on = first === undefined ? '' : ` ${first.database === null ? '' : `${first.database}.`}${first.table}`;
  const what = shownLine(`${facts.kind}${on}${more.length === 0 ? '' : ' and others'}`);
  return { session, statement, thread, inTransaction, what };
}

/**
 * Preparing runs nothing, and nobody has approved it: for that alone nothing is given that an execution would have to be
 * approved for, and to a text that is not understood nothing at all.
 */
function lentFor({ judged, judgement }: SessionStatement): readonly NeededPrivilege[] {
  const { verdict, facts, missing } = judgement;
  const isPrepared = judged.command === 'COM_STMT_PREPARE';
  return isPrepared && (verdict === 'hold' || !isTextUnderstood(facts)) ? [] : missing;
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
