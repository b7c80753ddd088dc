/** Asked of people about a held statement or a requested grant; ends in a decision, or without one. */
export const APPROVAL_STATES = ['pending', 'approved', 'denied', 'timed-out', 'cancelled', 'withdrawn'] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** The states a state may be reached from; every change of state is an UPDATE with this in its WHERE clause. */
export const APPROVAL_TRANSITIONS: Readonly<Record<ApprovalState, readonly ApprovalState[]>> = {
  pending: [],
  approved: ['pending'],
  denied: ['pending'],
  'timed-out': ['pending'],
  // An approval that was given and not used yet is cancelled with its grant too.
  cancelled: ['pending', 'approved'],
  // By somebody whose approval it needs, until its last use.
  withdrawn: ['approved'],
};

export const APPROVAL_KINDS = ['statement', 'grant'] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

export const DECISIONS = ['approve', 'deny'] as const;
export type DecisionWord = (typeof DECISIONS)[number];

/** What happens to a statement that is held while its session has a transaction open: it keeps locks while it waits. */
export const TRANSACTION_HOLDS = ['hold', 'refuse', 'rollback'] as const;
export type TransactionHold = (typeof TRANSACTION_HOLDS)[number];

/** By which way a decision must come: any that the broker takes, or a session of somebody who signed in, and no key. */
export const DECIDE_WAYS = ['anywhere', 'web'] as const;
export type DecideWay = (typeof DECIDE_WAYS)[number];

/** What the policy that permits a statement only once approved says about asking. */
export interface HoldTerms {
  /** Groups of principals of whom each decision must come; any approver when it is empty. */
  readonly approvers: readonly string[];
  /** Approvals of different people that are needed; one denial ends it. */
  readonly quorum: number;
  readonly decideIn: DecideWay;
  /** How long ago anyone who decides may have signed in at most; null: whenever that was, or with a key. */
  readonly reauthenticateSeconds: number | null;
  /** How long people have; the grant's deadline ends it too. */
  readonly holdSeconds: number;
  readonly inTransaction: TransactionHold;
  /** How long others may wait for the locks of the transaction in which it waits or runs, for `hold`. */
  readonly transactionHoldSeconds: number;
  /** Shown to anyone who decides. */
  readonly warning: string | null;
  /** Ids of the Slack channels in which it is asked; empty: in the one that is set for all. */
  readonly slackChannels: readonly string[];
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

/** An approval that somebody gave and took back before it was used up. */
export interface Withdrawal {
  readonly principal: string;
  readonly reason: string;
  /** As `decidedWith` of a decision. */
  readonly withdrawnWith: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** The rows an operation would change, as far as it can be known without running it. */
export type AffectedPreview =
  | { readonly kind: 'exact'; readonly rows: number }
  /** Never shown as zero: why it cannot be known. */
  | { readonly kind: 'unknown'; readonly why: string };

/** An operation in short, as lists of questions show it; small, whatever its size. A protocol's own has more. */
export interface OperationExcerpt {
  /** What it is, in a word or two: `update`, `drop table`. */
  readonly kind: string;
  /** What policies call it. */
  readonly action: string;
  /** How it begins, exactly. */
  readonly text: string;
  /** The same in one line. */
  readonly line: string;
  /** Where its session stands; null: nowhere, or the protocol knows no such place. */
  readonly database: string | null;
}

/** What an approver is shown besides the operation. A protocol's own has more. */
export interface OperationPreview {
  readonly takenAtMs: number;
  readonly affected: AffectedPreview;
  /** It can be rolled back when it changes more rows than were approved; absent where nobody looked. */
  readonly canLimitRows?: boolean;
}
