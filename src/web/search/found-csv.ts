import { csvLine } from '../../contracts/shown/shown-text.js';
import type { StatementView } from '../../contracts/recordings/statement.js';

const HEAD = [
  'grant',
  'entry',
  'operation',
  'at',
  'principal',
  'sponsor',
  'target',
  'database',
  'kind',
  'tables',
  'verdict',
  'decision',
  'decided by',
  'error',
  'rows read',
  'rows changed',
  'microseconds',
  'task',
  'reference',
  'excerpt',
] as const;

/** What was found as CSV; times are in UTC, and texts are as they were sent. */
export function foundCsv(items: readonly StatementView[]): string {
  return [HEAD, ...items.map(cellsOf)].map(csvLine).join('');
}

function cellsOf(item: StatementView): readonly string[] {
  return [
    item.grant,
    String(item.seq),
    String(item.operation),
    item.at,
    item.principal,
    item.sponsor?.name ?? '',
    item.target,
    item.database ?? '',
    item.kind,
    item.tables.join(' '),
    item.verdict,
    item.decision ?? '',
    item.decidedBy.join(' '),
    item.error === null ? '' : [item.error.code, item.error.state ?? ''].join(' ').trim(),
    String(item.rows ?? ''),
    String(item.changed ?? ''),
    String(item.durationUs ?? ''),
    item.task.title,
    item.task.reference ?? '',
    item.excerpt,
  ];
}
