import type { ErrorCode } from '../kernel/errors/error-table.js';
import { sentenceOf } from '../kernel/errors.js';
import type { ApprovalState } from './approval.js';

/**
 * What the agent is told of a question that did not end in an approval: gateways say it to clients, and the API shows it
 * to people, word for word the same.
 */
export interface ToldRefusal {
  readonly code: ErrorCode;
  readonly detail: string;
}

/** What it depends on. */
export interface ToldQuestion {
  readonly id: string;
  /** Of the denial or the withdrawal; null: none was given. */
  readonly reason: string | null;
  readonly inTransaction: boolean;
  readonly holdSeconds: number;
}

export type RefusedState = Exclude<ApprovalState, 'pending' | 'approved'>;

export function toldOf(state: RefusedState, { id, reason, inTransaction, holdSeconds }: ToldQuestion): ToldRefusal {
  const kept = inTransaction ? ' The transaction is still open.' : '';
  switch (state) {
    case 'denied':
      return { code: 'statement_denied_by_approver', detail: `Approval ${id}${denial(reason)}${kept}` };
    case 'withdrawn':
      return { code: 'approval_withdrawn', detail: `Approval ${id}: ${sentence(reason ?? '')}${kept}` };
    case 'timed-out': {
      const rolledBack = inTransaction ? ' The transaction was rolled back.' : '';
      const detail = `Approval ${id} was open for ${holdSeconds} s or until the deadline of the grant.${rolledBack}`;
      return { code: 'approval_timed_out', detail };
    }
    case 'cancelled':
      return { code: 'approval_cancelled', detail: `Approval ${id}.${kept}` };
    default:
      return state satisfies never;
  }
}

/** To a client that does not wait: the question stays, and the same operation finds the decision when it is sent again. */
export function toldToComeAgain(id: string, expiresAtMs: number): ToldRefusal {
  const until = new Date(expiresAtMs).toISOString();
  return { code: 'statement_held', detail: `People are asked until ${until} with approval ${id}.` };
}

/** To a client whose transaction may not wait. `why`: what does not let it. */
export function toldRolledBack(id: string, why = POLICY_ROLLS_BACK): ToldRefusal {
  return {
    code: 'transaction_rolled_back',
    detail: `${why} The statement needs an approval, and approval ${id} still waits for people. After they approve it, send the same statement again; it then runs at once.`,
  };
}

const POLICY_ROLLS_BACK = 'The policy does not allow a transaction to wait for people.';

/** As an ordinary driver shows it. */
export function toldText({ code, detail }: ToldRefusal): string {
  return sentenceOf(code, detail);
}

function denial(reason: string | null): string {
  if (reason === null) return ', without a reason. Ask the approver why, or do without it.';
  return `: ${sentence(reason)} Do what the reason says.`;
}

/** What a person wrote, as the middle of a message. */
function sentence(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}
