import type { ApprovalState } from '../domain/approval.js';
import { unreachable } from '../kernel/assert.js';
import { BrokerError, type ErrorCode } from '../kernel/errors.js';
import type { ApprovalQuestion, ApprovalReport } from './ports.js';

/** The protocol's ruling: it does not run, and no person can let it. */
export interface Denied {
  readonly verdict: 'deny';
  readonly code: ErrorCode;
  readonly detail?: string | undefined;
}

/** It does not run, since the broker does not let it. */
export interface Refused {
  readonly kind: 'refuse';
  readonly code: ErrorCode;
  readonly detail?: string | undefined;
  /** The session gives up its open transaction: the policy does not let that keep what it holds. */
  readonly rollsBack?: true;
}

export function refusalBy({ code, detail }: Denied): Refused {
  return { kind: 'refuse', code, detail };
}

/** The question stays: the same operation finds the decision when it is sent again. */
export function toldToComeAgain({ id, expiresAtMs }: ApprovalReport): Refused {
  const until = new Date(expiresAtMs).toISOString();
  return { kind: 'refuse', code: 'statement_held', detail: `People are asked until ${until} with approval ${id}.` };
}

/** Why an operation that was asked about does not run. `givesWay` says why its transaction could not wait any longer. */
export function refusalFor(
  state: Exclude<ApprovalState, 'approved'>,
  { id, decisions }: ApprovalReport,
  { terms, inTransaction }: Pick<ApprovalQuestion, 'terms' | 'inTransaction'>,
  givesWay: AbortSignal | undefined,
): Refused {
  const kept = inTransaction ? ' The transaction is still open.' : '';
  switch (state) {
    case 'denied': {
      const denial = decisions.find(({ decision }) => decision === 'deny');
      const reason = denial?.reason ?? null;
      return {
        kind: 'refuse',
        code: 'statement_denied_by_approver',
        detail: `Approval ${id}${reason === null ? ', without a reason. Ask the approver why, or do without it.' : `: ${sentence(reason)} Do what the reason says.`}${kept}`,
      };
    }
    case 'pending':
      return {
        kind: 'refuse',
        code: 'transaction_rolled_back',
        detail: `${whyRolledBack(givesWay)} The statement needs an approval, and approval ${id} still waits for people. After they approve it, send the same statement again; it then runs at once.`,
        rollsBack: true,
      };
    case 'timed-out':
      return {
        kind: 'refuse',
        code: 'approval_timed_out',
        detail: `Approval ${id} was open for ${terms.holdSeconds} s or until the deadline of the grant.${inTransaction ? ' The transaction was rolled back.' : ''}`,
        ...(inTransaction ? { rollsBack: true as const } : {}),
      };
    case 'cancelled':
      return { kind: 'refuse', code: 'approval_cancelled', detail: `Approval ${id}.${kept}` };
    default:
      return unreachable(state);
  }
}

function whyRolledBack(givesWay: AbortSignal | undefined): string {
  if (givesWay?.aborted === true && givesWay.reason instanceof BrokerError) return givesWay.reason.detail ?? '';
  return 'The policy does not allow a transaction to wait for people.';
}

/** What a person wrote, as the middle of a message. */
function sentence(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}
