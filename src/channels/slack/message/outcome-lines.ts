import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { countText, numberText } from '../../../contracts/shown/number-text.js';
import { cutText } from './sizes.js';

type Scope = NonNullable<ApprovalView['scope']>;
type Run = NonNullable<ApprovalView['ran']>[number];

const REASON_MAX = 300;
const PEOPLE_MAX = 10;

/** How a settled approval is called. */
export const STATE_WORDS: Readonly<Record<ApprovalView['state'], string>> = {
  pending: 'Approval needed',
  approved: 'Approved',
  denied: 'Denied',
  'timed-out': 'Timed out',
  cancelled: 'Cancelled',
  withdrawn: 'Taken back',
};

/** Who has said what, and of whom an answer is missing. */
export function answerLines(view: ApprovalView): readonly string[] {
  const { decisions, withdrawals, state } = view;
  const answers = decisions.slice(0, PEOPLE_MAX).map(({ principal, decision, reason, groups }) => {
    const said = decision === 'approve' ? 'approved' : 'denied';
    return `${principal} ${said}${groups.length === 0 ? '' : ` for ${groups.join(', ')}`}${because(reason)}`;
  });
  const takenBack = withdrawals
    .slice(0, PEOPLE_MAX)
    .map(({ principal, reason }) => `${principal} approved and took it back${because(reason)}`);
  return [...answers, ...takenBack, ...(state === 'pending' ? neededLines(view) : [])];
}

/** Groups of whom an approval is missing. */
export function missingGroups({ approvers, decisions }: ApprovalView): readonly string[] {
  const given = new Set(decisions.flatMap(({ decision, groups }) => (decision === 'approve' ? groups : [])));
  return approvers.filter((group) => !given.has(group));
}

function neededLines(view: ApprovalView): readonly string[] {
  const { approvers, quorum, decisions } = view;
  const given = decisions.filter(({ decision }) => decision === 'approve').length;
  const missing = missingGroups(view);
  return [
    ...(approvers.length === 0 ? [] : [`Must approve: ${approvers.join(', ')}${missingText(approvers, missing)}`]),
    ...(quorum > 1 ? [`${numberText(given)} of ${numberText(quorum)} approvals`] : []),
  ];
}

function missingText(approvers: readonly string[], missing: readonly string[]): string {
  return missing.length === 0 || missing.length === approvers.length ? '' : ` (still missing: ${missing.join(', ')})`;
}

function because(reason: string | null): string {
  return reason === null || reason === '' ? '' : `: ${cutText(reason, REASON_MAX)}`;
}

/** How far a scope reaches. */
export function scopeText({ rowsMax, ...scope }: Scope): string {
  const rows = rowsMax === null ? '' : `, at most ${countText(rowsMax, 'row')}`;
  if (scope.kind === 'once') return `this one run${rows}`;
  return `${countText(scope.runsMax, 'run')} of this shape${rows === '' ? '' : `${rows} each`}`;
}

/** What happened by it at the target. */
export function resultLines(view: ApprovalView): readonly string[] {
  const { state, scope, kind, uses, usesMax, ran } = view;
  if (state !== 'approved' && state !== 'withdrawn' && state !== 'cancelled') return [];
  if (kind === 'grant') return state === 'approved' ? ['The grant is opened.'] : [];
  if (scope === null && uses === 0) return [];
  const reach = scope === null ? [] : [`Scope: ${scopeText(scope)}`];
  if (uses === 0) return [...reach, 'It was not used.'];
  const runs = (ran ?? []).map(runText);
  const used = usesMax !== null && usesMax > 1 ? [`Used ${numberText(uses)} of ${countText(usesMax, 'time')}`] : [];
  return [...reach, ...used, ...(runs.length === 0 ? ['It was used: the statement went to the database.'] : runs)];
}

function runText({ outcome, rows, changed, error }: Run): string {
  if (outcome === 'error') return `failed: error ${error === null ? '' : `${error.code} ${error.state ?? ''}`}`.trim();
  if (outcome === null) return 'sent to the database; whether it ran is not known yet';
  const amount = changed ?? rows;
  return amount === null ? 'ran' : `ran: ${countText(amount, 'row')}`;
}
