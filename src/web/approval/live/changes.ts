import type { AffectedView, ApprovalView } from '../../../contracts/approvals/approval.js';
import { countText } from '../../texts/format.js';
import { texts } from '../../texts/en.js';
import { sqlPreviewOf } from '../statement/sql-view.js';

const { changes, unknownRows } = texts.approval;

/** What is different since the person read it, in sentences; empty: nothing that matters. */
export function changesSince(read: ApprovalView, now: ApprovalView): readonly string[] {
  if (read.revision === now.revision || read.state !== 'pending') return [];
  if (read.state !== now.state) return [changes.state];
  const [before, after] = [sqlPreviewOf(read.preview), sqlPreviewOf(now.preview)];
  const rows = [amountOf(read), amountOf(now)] as const;
  const found = [
    rows[0] === rows[1] ? undefined : changes.preview(changes.from(rows[0], rows[1])),
    isSame(read.decisions, now.decisions) ? undefined : changes.answers,
    read.clientWaits === now.clientWaits ? undefined : changes.client,
    before === undefined || isSame(before.tables, after?.tables) ? undefined : changes.tables,
    before === undefined || isSame(before.sample, after?.sample) ? undefined : changes.sample,
    before === undefined || isSame(before.locks, after?.locks) ? undefined : changes.locks,
  ].filter((text) => text !== undefined);
  return found.length === 0 ? [changes.other] : found;
}

function amountOf({ preview }: ApprovalView): string {
  return preview.state === 'ready' ? affectedText(preview.affected) : changes.none;
}

function affectedText(affected: AffectedView): string {
  return affected.kind === 'unknown' ? unknownRows : countText(affected.rows, 'row');
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
