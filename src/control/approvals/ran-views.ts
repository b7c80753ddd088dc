import type { ApprovalView } from '../../contracts/approvals/approval.js';
import type { ApprovalRow } from '../../persistence/entities/approvals/approval.js';
import type { StatementRows } from '../../persistence/statements/statement-rows.js';
import { timeOf } from '../http/time.js';

const RUNS_MAX = 5;

/** What ran by an approval of a statement, the newest first, from the index of statements. */
export async function ranViewsOf(
  { id, uses, settledAtMs }: Pick<ApprovalRow, 'id' | 'uses' | 'settledAtMs'>,
  statements: StatementRows,
): Promise<NonNullable<ApprovalView['ran']>> {
  if (uses === 0) return [];
  const found = await statements.ranBy(id, RUNS_MAX);
  return found.map(({ operation, atUs, rows, changed, durationUs, error }) => ({
    operation,
    at: timeOf(atUs / 1_000),
    outcome: durationUs === null ? null : error === null ? 'ok' : 'error',
    rows,
    changed,
    tookUs: tookUsOf({ atUs, durationUs }, settledAtMs),
    error,
  }));
}

/** Without the wait for people, which a statement's own duration includes. */
function tookUsOf(
  { atUs, durationUs }: { readonly atUs: number; readonly durationUs: number | null },
  settledAtMs: number | null,
): number | null {
  if (durationUs === null || settledAtMs === null) return null;
  const tookUs = atUs + durationUs - Math.max(atUs, settledAtMs * 1_000);
  return tookUs < 0 ? null : tookUs;
}
