import type { AffectedView, ApprovalSummaryView, ApprovalView } from '../../../contracts/approvals/approval.js';
import { countText, spanText } from '../../texts/format.js';
import { texts } from '../../texts/en.js';
import type { SqlTable } from '../statement/sql-view.js';

const { approval } = texts;
/** The clocks of browser and broker differ by so much, and nobody reads faster. */
const NOW_MS = 2_000;

/** What colour marks, and nothing else: what cannot be undone, what nobody understands, what nobody can count. */
export type DangerKind = ApprovalSummaryView['headline']['dangers'][number];

/** The broker's own sentence about a question, in parts: names of others stand apart from its words. */
export interface QuestionSummary {
  readonly verb: string;
  /** What it is done to: names that others gave. */
  readonly place: string;
  /** How much; empty where it goes without. */
  readonly amount: string;
  readonly dangers: ApprovalSummaryView['headline']['dangers'];
}

export function headlineOf({ kind, headline }: ApprovalSummaryView): QuestionSummary {
  const { verb, place, amount, dangers } = headline;
  const shown = dangers.includes('notUnderstood') ? approval.unknownWork : verb;
  return { verb: kind === 'grant' ? approval.kindGrant : shown, place, amount: amount ?? '', dangers };
}

/** The same with what changes while one looks: how long ago its rows were counted. */
export function fullHeadlineOf(view: ApprovalView, nowMs: number): QuestionSummary {
  const short = headlineOf(view);
  if (view.request !== null) return { ...short, amount: approval.ttl(spanText(view.request.ttlSeconds * 1_000)) };
  const { preview, headline } = view;
  if (view.excerpt === null || view.excerpt.action === 'unknown') return short;
  if (preview.state !== 'ready') {
    const missing = { pending: approval.noPreviewYet, hidden: approval.previewHidden, none: '' };
    return { ...short, amount: missing[preview.state] };
  }
  if (!headline.isExact || headline.dangers.includes('wholeTable')) return short;
  const agoMs = nowMs - Date.parse(preview.takenAt);
  return { ...short, amount: `${short.amount} (${approval.exactly(agoMs < NOW_MS ? undefined : spanText(agoMs))})` };
}

export function tableText({ database, table }: Pick<SqlTable, 'database' | 'table'>): string {
  return database === null ? table : `${database}.${table}`;
}

/** The amount alone, for lists: `1 row`, `rows not known`. */
export function shortAmount(affected: AffectedView | null): string {
  if (affected === null) return '';
  return affected.kind === 'unknown' ? approval.unknownRows : countText(affected.rows, 'row');
}
