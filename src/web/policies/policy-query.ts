import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { PolicyReplayView } from '../../contracts/policies/policy-replay.js';
import type { PolicyCheckView, PolicyList, PolicyTrialView, PolicyView } from '../../contracts/policies/policy.js';
import { addressOf, call } from '../api/call.js';
import { isRefusal } from '../api/failure.js';
import { takeAnswer } from '../api/take-answer.js';

export function policyPath(name: string): string {
  return `/v1/policies/${encodeURIComponent(name)}`;
}

export const policiesQuery = queryOptions({
  queryKey: ['policies'],
  queryFn: ({ signal }) => call<PolicyList>('/v1/policies', { signal }),
});

/** Null: there is no policy of that name. */
export function policyQuery(name: string) {
  return queryOptions({
    queryKey: ['policy', name],
    queryFn: ({ signal }) =>
      call<PolicyView>(policyPath(name), { signal }).catch((error: unknown) => {
        if (isRefusal(error, 'policy_not_found')) return null;
        throw error;
      }),
  });
}

export function versionsKey(name: string): readonly string[] {
  return ['policy-versions', name];
}

/** What the broker says of a text that is not stored. */
export function useCheck(name: string, text: string, isOn: boolean) {
  return useQuery({
    queryKey: ['policy-check', name, text],
    queryFn: ({ signal }) =>
      call<PolicyCheckView>('/v1/policies/check', { method: 'POST', body: { name, text }, signal }),
    enabled: isOn,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}

interface Change {
  readonly text: string;
  readonly revision: number;
  readonly reason: string;
}

export function useSavePolicy(name: string, onSaved: (policy: PolicyView) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Change) => call<PolicyView>(policyPath(name), { method: 'PUT', body }),
    onSuccess: async (policy) => {
      takeAnswer(queries, policyQuery(name).queryKey, policy);
      onSaved(policy);
      await forgetLists(queries, name);
    },
    onError: async (error) => {
      // The page shows theirs beside what was written here.
      if (isRefusal(error, 'policy_changed')) await queries.invalidateQueries({ queryKey: policyQuery(name).queryKey });
    },
  });
}

export function useDeletePolicy(name: string, onDeleted: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ revision, reason }: Omit<Change, 'text'>) =>
      call<undefined>(addressOf(policyPath(name), { revision, reason }), { method: 'DELETE' }),
    onSuccess: async () => {
      takeAnswer(queries, policyQuery(name).queryKey, null);
      await forgetLists(queries, name);
      onDeleted();
    },
  });
}

export function useTry() {
  return useMutation({
    mutationFn: (body: object) => call<PolicyTrialView>('/v1/policies/try', { method: 'POST', body }),
  });
}

export function useReplay() {
  return useMutation({
    mutationFn: (body: object) => call<PolicyReplayView>('/v1/policies/replay', { method: 'POST', body }),
  });
}

async function forgetLists(queries: ReturnType<typeof useQueryClient>, name: string): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: policiesQuery.queryKey }),
    queries.invalidateQueries({ queryKey: versionsKey(name) }),
  ]);
}
