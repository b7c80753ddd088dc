import type { AffectedView, ApprovalSummaryView, ExcerptView } from '../../../contracts/approval.js';
import { shownLine } from '../../../domain/visible-text.js';
import { excerptView } from '../../../protocols/sql/approval-schema.js';
import { unreachable } from '../../../kernel/assert.js';
import { PLAIN } from '../terminal/paint.js';
import { cutTo } from '../terminal/screen-lines.js';

const GAP = '  ';
const TABLES_MAX = 3;
const NAME_CHARACTERS_MAX = 40;
const MS_PER_SECOND = 1000;

/**
 * An approval in one line, cut where the screen ends, if it is known where. What it does comes first, in the broker's
 * words: statement, tables, rows. What others have written comes last, so that it can push nothing out of sight.
 */
export function approvalLine(approval: ApprovalSummaryView, nowMs: number, columns = Infinity, paint = PLAIN): string {
  const { id, state, principal, target, excerpt, task } = approval;
  const time = state === 'pending' ? timeLeft(approval, nowMs) : '';
  const does = excerpt === null ? 'GRANT' : `${verbOf(excerpt)} ${tablesOf(excerpt)}`.trim();
  const parts = [
    id,
    state.padEnd(9),
    time.padEnd(8),
    does,
    excerpt === null ? '' : rowsText(excerpt.affected),
    excerpt === null ? '' : clientText(approval),
    `${shorten(principal.name)} on ${shorten(target)}`,
    shownLine(excerpt === null ? task.title : excerpt.line),
  ];
  const line = cutTo(parts.filter((part) => part.trim() !== '').join(GAP), columns);
  const painted = line.indexOf(does); // not there when the screen is too narrow for all of it
  return painted < 0 ? line : `${line.slice(0, painted)}${paint.strong(does)}${line.slice(painted + does.length)}`;
}

/** The time that is left to decide. */
export function timeLeft({ expiresAt }: Pick<ApprovalSummaryView, 'expiresAt'>, nowMs: number): string {
  const seconds = Math.max(0, Math.round((Date.parse(expiresAt) - nowMs) / MS_PER_SECOND));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

function verbOf({ kind, action }: ExcerptView): string {
  const verb = shorten(kind).toUpperCase();
  return action === 'unknown' ? `NOT UNDERSTOOD (${verb})` : verb;
}

function tablesOf(excerpt: ExcerptView): string {
  const { tables = [], tablesMore = 0 } = excerptView.safeParse(excerpt).data ?? {};
  const names = tables.slice(0, TABLES_MAX).map(({ database, table, by }) => {
    const name = shorten(database === null ? table : `${database}.${table}`);
    return by === 'text' ? name : `${name} (${by})`;
  });
  const more = tables.length - names.length + tablesMore;
  return `${names.join(', ')}${more === 0 ? '' : `, ${more} more`}`;
}

function rowsText(affected: AffectedView | null): string {
  if (affected === null) return '';
  switch (affected.kind) {
    case 'exact':
      return affected.rows === 1 ? '1 row' : `${affected.rows} rows`;
    case 'unknown':
      return 'rows not known';
    default:
      return unreachable(affected);
  }
}

/** Nothing where all is as one would think. */
function clientText({ state, clientWaits }: ApprovalSummaryView): string {
  if (state !== 'pending' || clientWaits === true) return '';
  return clientWaits === false ? 'no client waits' : 'client not known';
}

/** A name that others have chosen. */
function shorten(name: string): string {
  return cutTo(shownLine(name), NAME_CHARACTERS_MAX);
}
