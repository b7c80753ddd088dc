import { queryOptions } from '@tanstack/react-query';
import type { ApprovalView, DecisionRequest, WithdrawalRequest } from '../../contracts/approval.js';
import type { TargetSummaryView } from '../../contracts/target.js';
import { call } from '../api/call.js';

/** A preview comes by an event; this is for a stream that was gone when it came. */
const LOOK_AGAIN_MS = 30_000;

export function approvalKey(id: string): readonly string[] {
  return ['approvals', 'one', id];
}

export function approvalQuery(id: string) {
  return queryOptions({
    queryKey: approvalKey(id),
    queryFn: ({ signal }) => call<ApprovalView>(`/v1/approvals/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: ({ state: { data } }) => (data?.state === 'pending' ? LOOK_AGAIN_MS : false),
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
  return call<ApprovalView>(`/v1/approvals/${encodeURIComponent(id)}/decisions`, {
    method: 'POST',
    body,
    idempotencyKey: key,
  });
}

export function sendWithdrawal(id: string, body: WithdrawalRequest): Promise<ApprovalView> {
  return call<ApprovalView>(`/v1/approvals/${encodeURIComponent(id)}/withdraw`, { method: 'POST', body });
}
