import type { ApprovalSummaryView } from '../../contracts/approvals/approval.js';
import { sponsorText } from '../../domain/identity/person.js';
import { csvLine } from '../../domain/csv-text.js';

type Cell = string | number | boolean | null;

/** The columns of an export, in their order. */
const COLUMNS: Readonly<Record<string, (approval: ApprovalSummaryView) => Cell>> = {
  id: ({ id }) => id,
  kind: ({ kind }) => kind,
  state: ({ state }) => state,
  asked_at: ({ askedAt }) => askedAt,
  settled_at: ({ settledAt }) => settledAt,
  principal: ({ principal }) => principal.name,
  sponsor: ({ sponsor }) => sponsor && sponsorText(sponsor),
  target: ({ target }) => target,
  database: ({ database }) => database,
  task: ({ task }) => task.title,
  reference: ({ task }) => task.reference,
  grant: ({ grant }) => grant,
  verb: ({ excerpt }) => excerpt && excerpt.kind,
  rows: ({ excerpt }) => (excerpt?.affected?.kind === 'exact' ? excerpt.affected.rows : null),
  statement: ({ excerpt }) => excerpt && excerpt.line,
  in_transaction: ({ inTransaction }) => inTransaction,
  why: ({ why }) => why,
  warning: ({ warning }) => warning,
  policies: ({ policies }) => policies.join(' '),
  approvers: ({ approvers }) => approvers.join(' '),
  quorum: ({ quorum }) => quorum,
  decisions: ({ decisions }) => decisions.map(decisionText).join('; '),
  withdrawals: ({ withdrawals }) => withdrawals.map(withdrawalText).join('; '),
  runs_max: ({ scope }) => (scope === null ? null : scope.kind === 'shape' ? scope.runsMax : 1),
  rows_max: ({ scope }) => scope && scope.rowsMax,
  uses: ({ uses }) => uses,
};

export const TABLE_HEAD = csvLine(Object.keys(COLUMNS));

/** One approval as a line of a table. */
export function tableLine(approval: ApprovalSummaryView): string {
  return csvLine(Object.values(COLUMNS).map((cellOf) => cellOf(approval)));
}

function decisionText({ principal, decision, reason, at }: ApprovalSummaryView['decisions'][number]): string {
  return `${decision} by ${principal} at ${at}${reason === null ? '' : `: ${reason}`}`;
}

function withdrawalText({ principal, reason, at }: ApprovalSummaryView['withdrawals'][number]): string {
  return `withdrawn by ${principal} at ${at}: ${reason}`;
}
