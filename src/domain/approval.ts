/** Asked of people about a held statement or a requested grant; ends in a decision, or without one. */
export const APPROVAL_STATES = ['pending', 'approved', 'denied', 'timed-out', 'cancelled'] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** The states a state may be reached from; every change of state is an UPDATE with this in its WHERE clause. */
export const APPROVAL_TRANSITIONS: Readonly<Record<ApprovalState, readonly ApprovalState[]>> = {
  pending: [],
  approved: ['pending'],
  denied: ['pending'],
  'timed-out': ['pending'],
  // An approval that was given and not used yet is cancelled with its grant too.
  cancelled: ['pending', 'approved'],
};

export const APPROVAL_KINDS = ['statement', 'grant'] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

export const DECISIONS = ['approve', 'deny'] as const;
export type DecisionWord = (typeof DECISIONS)[number];

/** What happens to a statement that is held while its session has a transaction open: it keeps locks while it waits. */
export const TRANSACTION_HOLDS = ['hold', 'refuse', 'rollback'] as const;
export type TransactionHold = (typeof TRANSACTION_HOLDS)[number];

/** What the policy that permits a statement only once approved says about asking. */
export interface HoldTerms {
  /** Groups of principals of whom each decision must come; any approver when it is empty. */
  readonly approvers: readonly string[];
  /** Approvals of different people that are needed; one denial ends it. */
  readonly quorum: number;
  /** How long people have; the grant's deadline ends it too. */
  readonly holdSeconds: number;
  readonly inTransaction: TransactionHold;
  /** How long others may wait for the locks of the transaction in which it waits or runs, for `hold`. */
  readonly transactionHoldSeconds: number;
  /** Shown to anyone who decides. */
  readonly warning: string | null;
}

/** How far an approval reaches. */
export type ApprovalScope =
  | { readonly kind: 'once'; readonly rowsMax: number | null }
  /** Every statement of this shape (fingerprint and database) for the rest of the task, within bounds. */
  | { readonly kind: 'shape'; readonly runsMax: number; readonly rowsMax: number | null };

/** One person's answer. */
export interface Decision {
  readonly principal: string;
  readonly decision: DecisionWord;
  readonly reason: string | null;
  readonly scope: ApprovalScope | null;
  /** `api-key:<id>`; null where it was not kept. */
  readonly decidedWith: string | null;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

export interface PreviewTable {
  readonly database: string;
  readonly table: string;
  /** Null when it could not be learnt; the server's estimate when `estimated`. */
  readonly rows: number | null;
  readonly estimated: boolean;
  readonly isWritten: boolean;
}

/** The rows a statement would change, as far as it can be known without running it. */
export type AffectedPreview =
  | { readonly kind: 'exact'; readonly rows: number }
  /** Never shown as zero: why it cannot be known. */
  | { readonly kind: 'unknown'; readonly why: string };

/** What an approver is shown besides the statement. Rows are values of the target. */
export interface StatementPreview {
  readonly takenAtMs: number;
  readonly tables: readonly PreviewTable[];
  readonly affected: AffectedPreview;
  /** Some of the rows that match; null when they cannot be known. */
  readonly sample: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | null)[])[];
  } | null;
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
  /** It can be rolled back when it changes more rows than were approved; absent where nobody looked. */
  readonly canLimitRows?: boolean;
}
