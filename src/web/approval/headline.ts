import type { AffectedView, ApprovalSummaryView, ApprovalView } from '../../contracts/approval.js';
import { countText, numberText, spanText } from '../texts/format.js';
import { texts } from '../texts/en.js';
import { sqlExcerptOf, sqlOperationOf, sqlPreviewOf, type SqlExcerpt, type SqlTable } from './sql-view.js';

const { approval } = texts;
/** The clocks of browser and broker differ by so much, and nobody reads faster. */
const NOW_MS = 2_000;

/** What colour marks, and nothing else: what cannot be undone, what nobody understands, what nobody can count. */
export type DangerKind = keyof typeof approval.dangers;

/** The broker's own sentence about a question, in parts: names of others stand apart from its words. */
export interface QuestionSummary {
  readonly verb: string;
  /** What it is done to: names that others gave. */
  readonly place: string;
  /** How much; empty where it goes without. */
  readonly amount: string;
  readonly dangers: readonly DangerKind[];
}

export function headlineOf(view: ApprovalSummaryView): QuestionSummary {
  const { excerpt, kind, target } = view;
  if (kind === 'grant') return { verb: approval.kindGrant, place: target, amount: '', dangers: [] };
  if (excerpt === null) {
    return { verb: approval.unknownWork, place: target, amount: approval.notUnderstood, dangers: ['notUnderstood'] };
  }
  const sql = sqlExcerptOf(excerpt);
  const isUnknown = excerpt.action === 'unknown';
  return {
    verb: isUnknown ? approval.unknownWork : excerpt.kind.toUpperCase(),
    place: placeOf(sql) ?? target,
    amount: isUnknown ? approval.notUnderstood : amountOf(excerpt.affected, excerpt.action),
    dangers: dangersOf(view, isUnknown),
  };
}

/** The same with what only the whole approval has: of how many rows, and how long ago that was counted. */
export function fullHeadlineOf(view: ApprovalView, nowMs: number): QuestionSummary {
  const short = headlineOf(view);
  if (view.request !== null) {
    return { ...short, amount: approval.ttl(spanText(view.request.ttlSeconds * 1_000)) };
  }
  if (view.excerpt === null || view.excerpt.action === 'unknown') return short;
  const { preview } = view;
  const { action } = view.excerpt;
  if (preview.state !== 'ready') {
    const missing = { pending: approval.noPreviewYet, hidden: approval.previewHidden, none: '' };
    return { ...short, amount: missing[preview.state] };
  }
  const agoMs = nowMs - Date.parse(preview.takenAt);
  const ago = agoMs < NOW_MS ? undefined : spanText(agoMs);
  if (preview.affected.kind === 'unknown') return { ...short, dangers: withDanger(short.dangers, 'unknownCount') };
  const { rows } = preview.affected;
  const total = totalOf(view);
  const whole = isWholeTable(view) && rows > 0;
  const amount = whole ? approval.allRows(rows) : `${rowsPhrase(rows, total, action)} (${approval.exactly(ago)})`;
  return { ...short, amount, dangers: whole ? withDanger(short.dangers, 'wholeTable') : short.dangers };
}

/** `shop.orders, shop.items and 2 tables more` */
function placeOf(sql: SqlExcerpt | undefined): string | undefined {
  if (sql === undefined || sql.tables.length === 0) return undefined;
  const names = [...new Set(sql.tables.slice(0, 2).map(tableText))];
  const more = sql.tables.length - Math.min(2, sql.tables.length) + sql.tablesMore;
  return more === 0 ? names.join(', ') : `${names.join(', ')} ${approval.moreTables(more)}`;
}

export function tableText({ database, table }: Pick<SqlTable, 'database' | 'table'>): string {
  return database === null ? table : `${database}.${table}`;
}

function amountOf(affected: AffectedView | null, action: string): string {
  if (affected === null) return '';
  return affected.kind === 'unknown' ? approval.unknownRows : rowsPhrase(affected.rows, undefined, action);
}

function rowsPhrase(rows: number, total: string | undefined, action: string): string {
  const verbs: Readonly<Record<string, string>> = rows === 1 ? approval.verbs : approval.verbsMany;
  return approval.rowsOf(rows, total, verbs[action] ?? verbs['other'] ?? '');
}

/** How many rows there are where they are changed; undefined where that is not known, or they are added. */
function totalOf(view: ApprovalView): string | undefined {
  if (!['update', 'delete'].includes(view.excerpt?.action ?? '')) return undefined;
  const written = sqlPreviewOf(view.preview)?.tables.filter(({ isWritten }) => isWritten) ?? [];
  const [table] = written;
  if (table === undefined || written.length > 1 || table.rows === null) return undefined;
  return table.estimated ? approval.about(numberText(table.rows)) : numberText(table.rows);
}

function isWholeTable(view: ApprovalView): boolean {
  const operation = sqlOperationOf(view.statement);
  const action = view.excerpt?.action ?? '';
  return operation?.facts.where === 'none' && ['update', 'delete'].includes(action);
}

function dangersOf({ excerpt }: ApprovalSummaryView, isUnknown: boolean): readonly DangerKind[] {
  if (isUnknown) return ['notUnderstood'];
  const dangers: DangerKind[] = excerpt?.action === 'schema' ? ['irreversible'] : [];
  return excerpt?.affected?.kind === 'unknown' ? [...dangers, 'unknownCount'] : dangers;
}

function withDanger(dangers: readonly DangerKind[], danger: DangerKind): readonly DangerKind[] {
  return dangers.includes(danger) ? dangers : [...dangers, danger];
}

/** The amount alone, for lists: `1 row`, `rows not known`. */
export function shortAmount(affected: AffectedView | null): string {
  if (affected === null) return '';
  return affected.kind === 'unknown' ? approval.unknownRows : countText(affected.rows, 'row');
}
