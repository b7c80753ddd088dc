import type { ErrorCode } from '../kernel/errors.js';
import type { ApprovalKind, ApprovalScope, ApprovalState, DecisionWord, HoldTerms } from './approval.js';
import type { PrincipalKind, Role } from './principal.js';

/** Runs that an approval of a shape may cover. */
export const SHAPE_RUNS_MAX = 1_000;
/** The largest row limit an approval may carry. */
export const SCOPE_ROWS_MAX = 1_000_000_000;

/** Who is about to decide. */
export interface Decider {
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
}

/** A decision that was given, with the groups that its giver was in when giving it. */
export interface Answer {
  readonly principalId: string;
  readonly groups: readonly string[];
  readonly decision: DecisionWord;
  readonly scope: ApprovalScope | null;
}

/** What the rules need to know of an approval. */
export interface Deciding {
  readonly state: ApprovalState;
  /** Its time is up, whether or not anybody has noted that yet. */
  readonly isExpired: boolean;
  readonly requesterId: string;
  readonly terms: Pick<HoldTerms, 'approvers' | 'quorum'>;
  readonly answers: readonly Answer[];
}

/** Why this person cannot decide, by an error's code; null when they can. */
export function refusalToDecide(asked: Deciding, decider: Decider): ErrorCode | null {
  if (decider.id === asked.requesterId) return 'approval_of_own_request';
  if (!mayDecide(asked.terms.approvers, decider)) return 'approval_not_an_approver';
  if (asked.state === 'approved' || asked.state === 'denied') return 'approval_already_decided';
  if (asked.state === 'cancelled') return 'approval_cancelled';
  if (asked.state === 'timed-out' || asked.isExpired) return 'approval_timed_out';
  return asked.answers.some(({ principalId }) => principalId === decider.id) ? 'approval_answered_by_you' : null;
}

/** Approvers only, and of the groups that are named, if any are. An agent never, whatever else it is. */
function mayDecide(groups: readonly string[], { kind, roles, groups: own }: Decider): boolean {
  if (kind === 'agent' || roles.includes('agent') || !roles.includes('approver')) return false;
  return groups.length === 0 || groups.some((group) => own.includes(group));
}

/**
 * Where an approval stands after these answers: one denial ends it; it is approved once as many different people as the
 * quorum have approved, and of every group that is named at least one.
 */
export function outcomeOf({ approvers, quorum }: Deciding['terms'], answers: readonly Answer[]): ApprovalState {
  if (answers.some(({ decision }) => decision === 'deny')) return 'denied';
  const people = new Set(answers.map(({ principalId }) => principalId));
  const isOfEach = approvers.every((group) => answers.some(({ groups }) => groups.includes(group)));
  return isOfEach && people.size >= Math.max(1, quorum) ? 'approved' : 'pending';
}

/** What an approval is about, as far as its scope depends on it. */
export interface Scoped {
  readonly kind: ApprovalKind;
  /** Whether statements of the same shape can be told. */
  readonly hasShape: boolean;
  /** Why no row limit can be kept for it, in a sentence of its protocol; null when one can. */
  readonly whyNoRowLimit: string | null;
}

/** What is wrong with a scope for this approval, in a sentence; null when it fits. */
export function scopeProblem(
  { kind, hasShape, whyNoRowLimit }: Scoped,
  decision: DecisionWord,
  scope: ApprovalScope,
): string | null {
  if (decision === 'deny') return 'A denial has no scope.';
  if (kind === 'grant') return 'A grant is approved as it was asked for; it takes no scope.';
  if (scope.kind === 'shape' && !hasShape) return 'Statements of this shape cannot be told apart; approve it once.';
  if (scope.kind === 'shape' && !isWithin(scope.runsMax, 1, SHAPE_RUNS_MAX)) {
    return `runsMax must be a whole number from 1 to ${SHAPE_RUNS_MAX}.`;
  }
  if (scope.rowsMax === null) return null;
  if (!isWithin(scope.rowsMax, 0, SCOPE_ROWS_MAX)) return `rowsMax must be a whole number from 0 to ${SCOPE_ROWS_MAX}.`;
  return whyNoRowLimit;
}

function isWithin(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

export const ONCE: ApprovalScope = { kind: 'once', rowsMax: null };

/** How far several approvals reach together: no further than each of them. Who names no scope means once. */
export function jointScope(scopes: readonly (ApprovalScope | null)[]): ApprovalScope {
  const given = scopes.map((scope) => scope ?? ONCE);
  const limits = given.flatMap(({ rowsMax }) => (rowsMax === null ? [] : [rowsMax]));
  const rowsMax = limits.length === 0 ? null : Math.min(...limits);
  const runs = given.map((scope) => (scope.kind === 'shape' ? scope.runsMax : null));
  if (runs.length === 0 || runs.includes(null)) return { kind: 'once', rowsMax };
  return { kind: 'shape', runsMax: Math.min(...runs.map((run) => run ?? 1)), rowsMax };
}

/** How often an approval of this scope may be used. */
export function usesMaxOf(scope: ApprovalScope): number {
  return scope.kind === 'shape' ? scope.runsMax : 1;
}
