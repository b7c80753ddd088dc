import type { ErrorCode } from '../../../kernel/errors/error-table.js';
import type { PolicyVerdict } from '../../../domain/verdict.js';
import type { RecordedBulk, RecordedValue } from '../../sql/bound-values.js';
import type { AskedBulk } from '../../sql/bound-values.js';
import type { StatementCommand } from '../recorded/bodies.js';
import type { NeededPrivilege } from '../../sql/privilege.js';
import type { StatementFacts } from '../../sql/statement.js';
import type { SqlDialect, SqlMode } from '../sql/text/dialect.js';
import type { AskedSetting } from '../sql/session/session-change.js';

/** A statement as the judge sees it. */
export interface JudgedStatement {
  readonly command: StatementCommand;
  /** The text's bytes; for an execution, those of the statement that was prepared: the same Buffer each time. */
  readonly bytes: Buffer;
  /**
   * The text as it is analysed: UTF-8, and the same Buffer where the bytes are what is analysed (see `readText`);
   * undefined when they cannot be read.
   */
  readonly analysed: Buffer | undefined;
  /** The text for people and for memory; undefined when the bytes cannot be read. */
  readonly text: string | undefined;
  readonly values: readonly RecordedValue[] | undefined;
  /** For an execution with many rows of values, in place of `values`. */
  readonly bulk?: JudgedBulk;
  readonly scene: SessionScene;
}

/** The rows of values that one statement is executed with at once: what is recorded of them, asked and compared. */
export interface JudgedBulk {
  /** As recordings have it. */
  readonly recorded: RecordedBulk;
  readonly count: number;
  /** SHA-256, hex, over types and values: the same rows, and no others, have the same. */
  readonly digest: string;
  /** The client asks for a result set with what came of each row, in place of their number. */
  readonly wantsUnitResults: boolean;
  /** A value is asked to be its column's default. */
  readonly hasDefault: boolean;
  /** For each parameter what stands for it in all rows: the kind of its type, `null`, `default`, `ignore`. */
  kinds(kindOf: (type: string) => string): readonly (readonly string[])[];
  /** What people are asked: how many rows, and the first ones; always one, however large it is. */
  asked(): AskedBulk;
}

/** What a text's meaning depends on besides the text; a new object whenever one of these changes. */
export interface SessionScene {
  readonly database: string | null;
  readonly dialect: SqlDialect;
  readonly inTransaction: boolean;
  /** What is read is locked until the transaction ends: the isolation level is, or may be, SERIALIZABLE. */
  readonly locksReads: boolean;
  /** `character_set_client`: what the bytes of a text stand for. */
  readonly characterSet: string;
  /** What strings are converted into next, where that set may lack characters of the first; null: nothing is lost. */
  readonly narrowedTo: string | null;
}

/** What a statement changes of its session once the target has said OK; undefined: as it was. */
export interface SessionEffect {
  readonly database?: string;
  readonly sqlMode?: SqlMode;
  /** It may have changed anything: the gateway asks the target before the next statement is read. */
  readonly isUnknown?: true;
  /** The next transaction may be SERIALIZABLE, whatever the session's own level is. */
  readonly mayBeSerializable?: true;
  /** It sets the session's time limit for statements: the gateway puts its own back where that is the smaller one. */
  readonly setsTimeLimit?: true;
  /** It gives itself this time limit, in milliseconds. */
  readonly limitMs?: number;
  /** What it sets is no literal: the target is asked for the values before it goes, and then it is judged. */
  readonly asks?: readonly AskedSetting[];
  /** Tables or stored code may be other ones now. */
  readonly changesCatalog?: true;
}

export interface Judgement extends PolicyVerdict {
  /** Null for a text that could not be understood, or is of no kind that is cached. */
  readonly fingerprint: string | null;
  readonly facts: StatementFacts;
  /** What it needs on the target beyond the task account's standing privileges, and the grant covers. */
  readonly missing: readonly NeededPrivilege[];
  /** What it needs and the grant does not cover: the target would refuse it. */
  readonly outside: readonly NeededPrivilege[];
  readonly effect: SessionEffect | undefined;
  /** The policies it was judged by; null when they are not known. */
  readonly policyVersion: string | null;
  /** What the client is told when the verdict is deny. */
  readonly refusal: ErrorCode;
}

/**
 * The policy's answer to a statement of one grant. At once where the same shape was judged before, since it stands
 * between a chunk and its forwarding; later where the catalog or a second parser must be asked.
 */
export interface StatementJudge {
  judge(statement: JudgedStatement): Judgement | Promise<Judgement>;
  /** Judges by what the target's catalog says now, remembering nothing: for what was approved a while after it was judged. */
  judgeAnew(statement: JudgedStatement): Promise<Judgement>;
  /** A statement was answered that may have changed the target's catalog. */
  catalogMayHaveChanged(): void;
}
