import type { StatementFacts } from '../../sql/statement.js';
import type { SqlDialect } from '../sql/text/dialect.js';
import type { RecordedValue } from '../../sql/bound-values.js';
import type { SessionSettings } from './session-settings.js';

/** A held statement, as a preview needs to know it. */
export interface PreviewedStatement {
  /** UTF-8, as it is analysed. */
  readonly text: Buffer;
  /** False: its strings or bound values are bytes that a query of the preview's own session would not repeat. */
  readonly isRepeatable?: boolean;
  readonly values: readonly RecordedValue[] | undefined;
  /** It runs once for each of so many rows of values; `isCounted`: the answer to it is the number of rows it changed. */
  readonly bulk?: { readonly rows: number; readonly isCounted: boolean };
  readonly database: string | null;
  readonly dialect: SqlDialect;
  readonly facts: StatementFacts;
  readonly inTransaction: boolean;
  /** False when every statement of the open transaction so far only read; taken for true where nobody says. */
  readonly hasUncommitted?: boolean;
  /** The target's id of the session's connection. */
  readonly thread: number;
  /** Of the session. Where nobody says, no count is called exact. */
  readonly settings?: SessionSettings | undefined;
  /**
   * Whether the session may have temporary tables: they hide real ones, and nobody else sees them. Where nobody says, it
   * may have some when the grant lets them be made, by itself or by a routine.
   */
  readonly hasTemporaryTables?: boolean;
}

/** The bounds of a preview. */
export interface PreviewLimits {
  /** For each query at the target. */
  readonly statementMsMax: number;
  /** For the whole preview. */
  readonly previewMsMax: number;
  /** A table with more rows than this, by the server's estimate, is not counted besides. */
  readonly countedRowsMax: number;
}
