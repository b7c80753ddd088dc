import type { ApprovalSummaryView } from '../../contracts/approval.js';
import { csvText } from '../parts/csv.js';

const HEAD = [
  'id',
  'asked',
  'settled',
  'state',
  'kind',
  'target',
  'database',
  'principal',
  'sponsor',
  'task',
  'reference',
  'statement',
  'why',
  'policies',
  'decisions',
] as const;

/** Approvals as CSV (RFC 4180), for spreadsheets: no cell of it is taken for a formula. */
export function csvOf(items: readonly ApprovalSummaryView[]): string {
  return csvText([HEAD, ...items.map(cellsOf)]);
}

function cellsOf(item: ApprovalSummaryView): readonly string[] {
  const decisions = item.decisions.map(({ principal, decision, reason, at }) =>
    [principal, decision, at, ...(reason === null ? [] : [reason])].join(' '),
  );
  return [
    item.id,
    item.askedAt,
    item.settledAt ?? '',
    item.state,
    item.kind,
    item.target,
    item.database ?? '',
    item.principal.name,
    item.sponsor?.name ?? '',
    item.task.title,
    item.task.reference ?? '',
    item.excerpt?.shown ?? '',
    item.why,
    item.policies.join(' '),
    decisions.join('; '),
  ];
}
