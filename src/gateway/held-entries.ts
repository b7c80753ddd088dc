import type { ApprovalScope, Decision, HoldTerms, Withdrawal } from '../domain/approval.js';
import { formatUs } from '../kernel/clock.js';
import type { ApprovalAsked, ApprovalDecided, Forwarded } from '../recording/entries/entries.js';
import type { ApprovalId } from '../kernel/brand.js';
import type { ApprovalReport } from './ports.js';

/** What the recording says of an operation on its way to the target when its verdict alone was not enough. */

interface OfStatement {
  readonly session: number;
  readonly operation: number;
}

export function approvalAskedEntry(
  of: OfStatement,
  { id, again, expiresAtMs }: ApprovalReport,
  { approvers, quorum }: HoldTerms,
): ApprovalAsked {
  return {
    type: 'approval.asked',
    ...of,
    approval: id,
    approvers,
    quorum,
    expires: formatMs(expiresAtMs),
    again,
  };
}

export function approvalDecidedEntry(
  of: OfStatement,
  { id, decisions, withdrawals, scope }: ApprovalReport,
  outcome: ApprovalDecided['outcome'],
): ApprovalDecided {
  return {
    type: 'approval.decided',
    ...of,
    approval: id,
    outcome,
    decisions: decisions.map(decisionOf),
    ...(withdrawals.length === 0 ? {} : { withdrawals: withdrawals.map(withdrawalOf) }),
    ...(scope === null ? {} : { scope: describeScope(scope) }),
  };
}

export function forwardedEntry(
  of: OfStatement,
  { approval, given, rowsMax }: { approval: ApprovalId | undefined; given: readonly string[]; rowsMax: number | null },
): Forwarded {
  return {
    type: 'forwarded',
    ...of,
    ...(approval === undefined ? {} : { approval }),
    ...(given.length === 0 ? {} : { given }),
    ...(rowsMax === null ? {} : { body: { rowsMax } }),
  };
}

function decisionOf({
  principal,
  decision,
  reason,
  decidedWith,
  atMs,
}: Decision): ApprovalDecided['decisions'][number] {
  const said = { by: principal, decision, reason, at: formatMs(atMs) };
  return decidedWith === null ? said : { ...said, decidedWith };
}

function withdrawalOf({
  principal,
  reason,
  withdrawnWith,
  atMs,
}: Withdrawal): NonNullable<ApprovalDecided['withdrawals']>[number] {
  return { by: principal, reason, at: formatMs(atMs), withdrawnWith };
}

function describeScope(scope: ApprovalScope): string {
  const rows = scope.rowsMax === null ? '' : `, at most ${scope.rowsMax} rows each`;
  return scope.kind === 'once' ? `once${rows}` : `this shape ${scope.runsMax} times${rows}`;
}

function formatMs(ms: number): string {
  return formatUs(ms * 1000);
}
