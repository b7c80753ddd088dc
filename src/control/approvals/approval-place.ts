import type { ApprovalRow } from '../../persistence/entities/approvals/approval.js';

/** What entries of the administrative record say of an approval: whose it is and where, and never what was asked. */
export function placeOf({ kind, grantId, principalName, targetName }: ApprovalRow) {
  return { kind, grant: grantId, principal: principalName, target: targetName };
}
