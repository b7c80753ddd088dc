import type { ApprovalView } from '../../contracts/approvals/approval.js';
import { shownLine } from '../../domain/visible-text.js';
import type { ApprovalRow } from '../../persistence/entities/approvals/approval.js';
import type { TargetRepository } from '../../persistence/targets/target.repository.js';

/** The labels of the target that an approval is about, as they are now; null where there is no such target any more. */
export async function targetLabelsOf(
  { targetName }: Pick<ApprovalRow, 'targetName'>,
  targets: Pick<TargetRepository, 'findByName'>,
): Promise<ApprovalView['targetLabels']> {
  const target = await targets.findByName(targetName);
  if (target === undefined) return null;
  return Object.fromEntries(Object.entries(target.labels).map(([label, value]) => [label, shownLine(value)]));
}
