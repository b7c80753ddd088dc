import type { ApprovalSummaryView } from '../../../contracts/approvals/approval.js';
import { shownLine } from '../../../domain/visible-text.js';
import { PLAIN } from '../terminal/paint.js';
import { cutTo } from '../terminal/screen-lines.js';

const GAP = '  ';
const NAME_CHARACTERS_MAX = 40;
const PLACE_CHARACTERS_MAX = 80;
const MS_PER_SECOND = 1000;

/**
 * An approval in one line, cut where the screen ends, if it is known where. What it does comes first, in the broker's
 * words: statement, tables, rows. What others have written comes last, so that it can push nothing out of sight.
 */
export function approvalLine(approval: ApprovalSummaryView, nowMs: number, columns = Infinity, paint = PLAIN): string {
  const { id, state, principal, target, headline, excerpt, task } = approval;
  const time = state === 'pending' ? timeLeft(approval, nowMs) : '';
  const does = doesText(headline, excerpt === null);
  const parts = [
    id,
    state.padEnd(9),
    time.padEnd(8),
    does,
    excerpt === null ? '' : (headline.amount ?? ''),
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

/** Of a grant the target stands further on. */
function doesText({ verb, place }: ApprovalSummaryView['headline'], isGrant: boolean): string {
  return isGrant ? verb : `${shorten(verb)} ${cutTo(shownLine(place), PLACE_CHARACTERS_MAX)}`;
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
