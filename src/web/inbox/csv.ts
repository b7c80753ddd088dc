import type { ApprovalSummaryView } from '../../contracts/approval.js';

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
  return `${[HEAD, ...items.map(cellsOf)].map((cells) => cells.map(quoted).join(',')).join('\r\n')}\r\n`;
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

/** A spreadsheet takes a cell that begins so for a formula, also of an agent's text. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
