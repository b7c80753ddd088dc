import type { ConnectionView } from '../contracts/grants/grant.js';

/** What a column's values are: numbers that JSON may spell as they came, bytes that are no text, and texts. */
export type ColumnKind = 'whole' | 'decimal' | 'floating' | 'text' | 'bytes';

export interface ResultColumn {
  readonly name: string;
  /** As the protocol names it, such as `longlong`. */
  readonly type: string;
  readonly kind: ColumnKind;
}

/** The bytes of each value as they came; null for NULL. */
export type ResultRow = readonly (Buffer | null)[];

/** A statement that has no rows to give. */
export interface DoneResult {
  readonly kind: 'done';
  /** Decimal digits. */
  readonly affectedRows: string;
  readonly insertId: string | null;
  readonly warnings: number;
}

/** Rows are read to their end before the next result. */
export interface RowsResult {
  readonly kind: 'rows';
  readonly columns: readonly ResultColumn[];
  /** In lists, no faster than they are taken. */
  readonly rows: AsyncIterable<readonly ResultRow[]>;
}

/** One result of a statement; a procedure may have several. */
export type StatementResult = RowsResult | DoneResult;

/** A statement was not run, or not to its end. */
export class StatementFailure extends Error {
  /** Of docs/errors.md when the broker refused it, else the target's own. */
  readonly code: string | null;

  constructor(message: string, code: string | null, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** A text of statements that nobody can take apart; the message says why. */
export class StatementsUnreadable extends Error {}

/**
 * One session at the endpoint of a grant, for a program whose user wants all of each answer: statements follow each other in
 * it, and rows come as they are, no faster than they are taken. An agent's bounded statements go by `StatementRunner`.
 */
export interface StatementSession {
  /** Sends a statement. @throws StatementFailure */
  ask(statement: string): AsyncIterable<StatementResult>;
  close(): Promise<void>;
  /** Ends the session at once; what is being asked fails. */
  destroy(): void;
}

/** How sessions of a protocol are opened. */
export interface StatementSessions {
  /** The statements of a text, each as it is sent. @throws StatementsUnreadable */
  statementsIn(text: string): readonly string[];
  /** @throws StatementFailure */
  open(connection: ConnectionView): Promise<StatementSession>;
}
