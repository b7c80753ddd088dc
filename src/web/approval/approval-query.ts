import { queryOptions } from '@tanstack/react-query';
import type { ApprovalView } from '../../contracts/approvals/approval.js';
import type { DecisionRequest, WithdrawalRequest } from '../../contracts/approvals/decision.js';
import type { TargetSummaryView } from '../../contracts/grants/target.js';
import { approvalAddress } from '../api/addresses.js';
import { call } from '../api/call.js';

/** Every change comes by an event; this is for one that was lost, while the page is looked at. */
const LOOK_AGAIN_MS = 15_000;
/** What ran is in the index some seconds later, and there is no event for it. */
const RAN_LOOK_MS = 1_500;
const RAN_WITHIN_MS = 60_000;

export function approvalKey(id: string): readonly string[] {
  return ['approvals', 'one', id];
}

export function approvalQuery(id: string) {
  return queryOptions({
    queryKey: approvalKey(id),
    queryFn: ({ signal }) => call<ApprovalView>(approvalAddress(id), { signal }),
    refetchInterval: ({ state: { data } }) => (data === undefined ? false : lookAgainMs(data)),
  });
}

export function targetQuery(name: string) {
  return queryOptions({
    queryKey: ['targets', 'one', name],
    queryFn: ({ signal }) => call<TargetSummaryView>(`/v1/targets/${encodeURIComponent(name)}`, { signal }),
    staleTime: 60_000,
  });
}

export function sendDecision(id: string, body: DecisionRequest, key: string): Promise<ApprovalView> {
  return call<ApprovalView>(`${approvalAddress(id)}/decisions`, {
    method: 'POST',
    body,
    idempotencyKey: key,
  });
}

export function sendWithdrawal(id: string, body: WithdrawalRequest): Promise<ApprovalView> {
  return call<ApprovalView>(`${approvalAddress(id)}/withdraw`, { method: 'POST', body });
}

function lookAgainMs({ state, uses, ran, settledAt }: ApprovalView): number | false {
  if (state === 'pending') return LOOK_AGAIN_MS;
  const isRecent = settledAt !== null && Date.now() - Date.parse(settledAt) < RAN_WITHIN_MS;
  const isKnown = ran === null || (uses > 0 && ran.some(({ outcome }) => outcome !== null));
  return state === 'approved' && isRecent && !isKnown ? RAN_LOOK_MS : false;
}
