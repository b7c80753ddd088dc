import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { texts } from '../../texts/en.js';

export type Scope = NonNullable<ApprovalView['offeredScope']>;
const { approval } = texts;

/** How far a scope reaches, in words. */
export function scopeText(scope: Scope): string {
  const { kind, rowsMax } = scope;
  if (kind === 'shape') return approval.shapeScope(scope.runsMax, rowsMax);
  return rowsMax === null ? approval.scopes.once : approval.scopes.onceRows(rowsMax);
}

/** What a button does that approves with this scope; undefined: a grant has none. */
export function approveText(scope: Scope | undefined): string {
  if (scope === undefined) return approval.approveGrant;
  if (scope.kind === 'shape') return approval.approveShape(scope.runsMax, scope.rowsMax);
  return scope.rowsMax === null ? approval.approveOnce : approval.approveOnceRows(scope.rowsMax);
}
