import type { HoldTerms, TransactionHold } from '../domain/approval.js';
import type { PolicyNotes } from './annotations.js';

const HOLD_SECONDS_DEFAULT = 600;
const TRANSACTION_HOLD_SECONDS_DEFAULT = 30;
const QUORUM_DEFAULT = 1;

/** From the mildest to the strictest. */
const TRANSACTION_HOLDS: readonly TransactionHold[] = ['hold', 'rollback', 'refuse'];

/**
 * What all the policies that hold a statement say about asking, together: the strictest of each. Approvals must
 * come from every group that any of them names, and every Slack channel is told that any of them names.
 */
export function holdTermsOf(notes: readonly PolicyNotes[]): HoldTerms {
  const transactions = said(notes, ({ inTransaction }) => inTransaction).map((way) => TRANSACTION_HOLDS.indexOf(way));
  const warnings = new Set(said(notes, ({ warning }) => warning));
  return {
    approvers: [...new Set(said(notes, ({ approvers }) => approvers).flat())].sort(),
    quorum: Math.max(QUORUM_DEFAULT, ...said(notes, ({ quorum }) => quorum)),
    decideIn: said(notes, ({ decideIn }) => decideIn).includes('web') ? 'web' : 'anywhere',
    reauthenticateSeconds: least(said(notes, ({ reauthenticateSeconds }) => reauthenticateSeconds)) ?? null,
    holdSeconds: least(said(notes, ({ holdSeconds }) => holdSeconds)) ?? HOLD_SECONDS_DEFAULT,
    inTransaction: TRANSACTION_HOLDS[Math.max(0, ...transactions)] ?? 'refuse',
    transactionHoldSeconds: transactionHoldSecondsOf(notes) ?? TRANSACTION_HOLD_SECONDS_DEFAULT,
    warning: warnings.size === 0 ? null : [...warnings].join(' '),
    slackChannels: [...new Set(said(notes, ({ slackChannels }) => slackChannels).flat())].sort(),
  };
}

/** How long others may wait for the locks of a transaction: the shortest that any of them says. */
export function transactionHoldSecondsOf(notes: readonly PolicyNotes[]): number | undefined {
  return least(said(notes, ({ transactionHoldSeconds }) => transactionHoldSeconds));
}

function said<T>(notes: readonly PolicyNotes[], of: (notes: PolicyNotes) => T | null): readonly T[] {
  return notes.map(of).filter((value) => value !== null);
}

function least(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}
