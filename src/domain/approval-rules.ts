import type { ErrorCode } from '../kernel/errors/error-table.js';
import type { ApprovalKind, ApprovalScope, ApprovalState, DecisionWord, HoldTerms } from './approval.js';
import { isSponsor, type Person } from './identity/person.js';
import type { SessionSignIn, Sponsor } from './identity/sign-in.js';
import { isAgent, type PrincipalKind, type Role } from './principal.js';

/** Runs that an approval of a shape may cover. */
export const SHAPE_RUNS_MAX = 1_000;
/** The largest row limit an approval may carry. */
export const SCOPE_ROWS_MAX = 1_000_000_000;

const MS_PER_SECOND = 1000;

/** Who is about to decide. */
export interface Decider {
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  /** Everything that acts in the name of the same person. */
  readonly person: Person;
  /** Null: they come with a key or a token, which say nothing of a sign-in. */
  readonly session: SessionSignIn | null;
}

/** A decision that was given, with the groups that its giver was in when giving it. */
export interface Answer {
  readonly principalId: string;
  /** Whose principal that is: answers of one person count once. */
  readonly personId: string;
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
  /** Who answers for the requester: as the question has it, and as it is now. */
  readonly sponsors: readonly Sponsor[];
  readonly terms: DecidingTerms;
  readonly answers: readonly Pick<Answer, 'principalId'>[];
  readonly nowMs: number;
}

export type DecidingTerms = Pick<HoldTerms, 'approvers' | 'quorum' | 'decideIn' | 'reauthenticateSeconds'>;

/** Why this person cannot decide, by an error's code; null when they can. */
export function refusalToDecide(asked: Deciding, decider: Decider): ErrorCode | null {
  if (isOwnRequest(asked, decider)) return 'approval_of_own_request';
  if (!mayDecide(asked.terms.approvers, decider)) return 'approval_not_an_approver';
  if (asked.state === 'approved' || asked.state === 'denied') return 'approval_already_decided';
  if (asked.state === 'withdrawn') return 'approval_withdrawn';
  if (asked.state === 'cancelled') return 'approval_cancelled';
  if (asked.state === 'timed-out' || asked.isExpired) return 'approval_timed_out';
  const { principals } = decider.person;
  if (asked.answers.some(({ principalId }) => principals.has(principalId))) return 'approval_answered_by_you';
  return refusalOfSignIn(asked, decider.session);
}

/** What the rules need to know of an approval that somebody wants to take back. */
export interface GivenApproval {
  readonly state: ApprovalState;
  /** Its time is up, whether or not anybody has noted that yet. */
  readonly isExpired: boolean;
  /** Nothing more can run by it. */
  readonly isUsedUp: boolean;
  /** The person has approved it, by whichever of their principals. */
  readonly isOwn: boolean;
}

/**
 * Why this person cannot take an approval back, by an error's code; null when they can. It takes nothing but that they
 * gave it: no group, no way of signing in, since nothing can run by it that could not run before.
 */
export function refusalToWithdraw({ state, isExpired, isUsedUp, isOwn }: GivenApproval): ErrorCode | null {
  if (state === 'withdrawn') return 'approval_withdrawn';
  if (!isOwn) return 'approval_not_given_by_you';
  if (state === 'denied') return 'approval_already_decided';
  if (state === 'cancelled') return 'approval_cancelled';
  if (state === 'timed-out' || (state === 'pending' && isExpired)) return 'approval_timed_out';
  return state === 'approved' && isUsedUp ? 'approval_already_used' : null;
}

/** Nobody decides for what they, another principal of theirs, or an agent that they answer for has asked. */
function isOwnRequest({ requesterId, sponsors }: Deciding, { id, person }: Decider): boolean {
  return (
    requesterId === id || person.principals.has(requesterId) || sponsors.some((sponsor) => isSponsor(person, sponsor))
  );
}

/** A sign-in that lies as far ahead is no better than an old one: some clock is wrong, and nobody knows which. */
function refusalOfSignIn({ terms, nowMs }: Deciding, session: SessionSignIn | null): ErrorCode | null {
  if (terms.decideIn === 'web' && session === null) return 'approval_web_only';
  if (terms.reauthenticateSeconds === null) return null;
  const signedInAtMs = session?.signedInAtMs ?? null;
  const ageMs = signedInAtMs === null ? Infinity : Math.abs(nowMs - signedInAtMs);
  return ageMs > terms.reauthenticateSeconds * MS_PER_SECOND ? 'reauthentication_required' : null;
}

/** Approvers only, and of the groups that are named, if any are. An agent never, whatever else it is. */
function mayDecide(groups: readonly string[], decider: Decider): boolean {
  if (isAgent(decider) || !decider.roles.includes('approver')) return false;
  return groups.length === 0 || groups.some((group) => decider.groups.includes(group));
}

/**
 * Where an approval stands after these answers: one denial ends it; it is approved once as many different people as the
 * quorum have approved, and of every group that is named at least one.
 */
export function outcomeOf(
  { approvers, quorum }: Pick<DecidingTerms, 'approvers' | 'quorum'>,
  answers: readonly Answer[],
): ApprovalState {
  if (answers.some(({ decision }) => decision === 'deny')) return 'denied';
  const people = new Set(answers.map(({ personId }) => personId));
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

/**
 * What of the terms says who decides, and how they must be known: what one answer is good for has the same. Terms that
 * ask for no sign-in are told as they were before there were others, so that what was asked then is found.
 */
export function whoDecides({ approvers, quorum, decideIn, reauthenticateSeconds }: HoldTerms): readonly unknown[] {
  if (decideIn === 'anywhere' && reauthenticateSeconds === null) return [approvers, quorum];
  return [approvers, quorum, decideIn, reauthenticateSeconds];
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
