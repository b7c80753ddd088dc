import type { ApprovalView } from '../../../contracts/approvals/approval.js';

const FOLLOW_MS_MIN = 2_000;
const FOLLOW_MS_MAX = 300_000;
/** The newest runs, which an approval's view has. */
const RUNS_KNOWN = 5;

/**
 * Milliseconds until it must be looked at again though nobody says so: an approved statement runs, and the index of
 * statements has it some seconds later. The older the decision, the rarer. Null: there is nothing to come.
 */
export function followInMs(view: ApprovalView, nowMs: number): number | null {
  const { state, kind, uses, usesMax, ran, settledAt } = view;
  if (state !== 'approved' || kind !== 'statement' || settledAt === null) return null;
  const known = (ran ?? []).filter(({ outcome }) => outcome !== null).length;
  const isUsedUp = usesMax !== null && uses >= usesMax;
  if (isUsedUp && known >= Math.min(uses, RUNS_KNOWN)) return null;
  const ageMs = nowMs - Date.parse(settledAt);
  return Math.min(FOLLOW_MS_MAX, Math.max(FOLLOW_MS_MIN, ageMs / 4));
}
