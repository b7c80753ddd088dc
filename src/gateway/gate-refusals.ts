import type { ApprovalState } from '../domain/approval.js';
import { toldOf, toldRolledBack, toldToComeAgain } from '../domain/approval-told.js';
import { BrokerError } from '../kernel/errors.js';
import type { ErrorCode } from '../kernel/errors/error-table.js';
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
export function refusalToComeAgain({ id, expiresAtMs }: ApprovalReport): Refused {
  return { kind: 'refuse', ...toldToComeAgain(id, expiresAtMs) };
}

/** Why an operation that was asked about does not run. `givesWay` says why its transaction could not wait any longer. */
export function refusalFor(
  state: Exclude<ApprovalState, 'approved'>,
  report: ApprovalReport,
  { terms, inTransaction }: Pick<ApprovalQuestion, 'terms' | 'inTransaction'>,
  givesWay: AbortSignal | undefined,
): Refused {
  const { id } = report;
  if (state === 'pending') return { kind: 'refuse', ...toldRolledBack(id, whyRolledBack(givesWay)), rollsBack: true };
  const { holdSeconds } = terms;
  const told = toldOf(state, { id, reason: reasonIn(state, report), inTransaction, holdSeconds });
  const rollsBack = state === 'timed-out' && inTransaction ? { rollsBack: true as const } : {};
  return { kind: 'refuse', ...told, ...rollsBack };
}

function reasonIn(state: ApprovalState, { decisions, withdrawals }: ApprovalReport): string | null {
  if (state === 'withdrawn') return withdrawals.at(-1)?.reason ?? null;
  return decisions.find(({ decision }) => decision === 'deny')?.reason ?? null;
}

/** Undefined: by the policy. */
function whyRolledBack(givesWay: AbortSignal | undefined): string | undefined {
  if (givesWay?.aborted === true && givesWay.reason instanceof BrokerError) return givesWay.reason.detail ?? '';
  return undefined;
}
