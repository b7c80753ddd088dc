import type { OperationPreview } from '../../domain/approval.js';

export interface PreviewTable {
  readonly database: string;
  readonly table: string;
  /** Null when it could not be learnt; the server's estimate when `estimated`. */
  readonly rows: number | null;
  readonly estimated: boolean;
  readonly isWritten: boolean;
}

/** A column that the statement assigns. */
export interface AssignedPreview {
  readonly database: string;
  readonly table: string;
  readonly column: string;
  /** What it has afterwards, as the sample would show it; or why only the database can tell, in a sentence. */
  readonly after:
    | { readonly by: 'statement'; readonly value: string | null }
    | { readonly by: 'database'; readonly why: string };
}

/** What an approver is shown besides the statement. Rows are values of the target. */
export interface StatementPreview extends OperationPreview {
  readonly tables: readonly PreviewTable[];
  /** Some of the rows that match; null when they cannot be known. */
  readonly sample: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | null)[])[];
    /** The table that the columns are of; absent where that is not known. */
    readonly of?: { readonly database: string; readonly table: string };
  } | null;
  /** Null for what is no UPDATE; absent in previews of older versions. */
  readonly assigned?: readonly AssignedPreview[] | null;
  readonly triggers: readonly string[];
  /** Foreign keys that would change further tables: `shop.orders → shop.order_notes ON DELETE CASCADE`. */
  readonly cascades: readonly string[];
  /** While a transaction is open: what it holds and who waits. Null when there is none or it cannot be learnt. */
  readonly locks: {
    readonly held: readonly string[];
    /** Null when it cannot be seen. */
    readonly waiting: number | null;
    /** Some of those who wait, in words. */
    readonly waiters: readonly string[];
  } | null;
}
