import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { TargetTestView, TargetView } from '../../contracts/grants/target.js';
import { call } from '../api/call.js';
import { takeAnswer } from '../api/take-answer.js';

const LIST = ['targets'] as const;

export function targetPath(name: string): string {
  return `/v1/targets/${encodeURIComponent(name)}`;
}

export function targetQuery(name: string) {
  return queryOptions({
    queryKey: ['target', name],
    queryFn: ({ signal }) => call<TargetView>(targetPath(name), { signal }),
  });
}

/** What changes a target, and puts what the API answers in the place of what is shown. */
export function useChangeTarget(name: string, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: object) => call<TargetView>(targetPath(name), { method: 'PATCH', body: change }),
    onSuccess: async (target) => {
      takeAnswer(queries, targetQuery(name).queryKey, target);
      await queries.invalidateQueries({ queryKey: LIST });
      onDone();
    },
  });
}

export function useRegisterTarget(onDone: (target: TargetView) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: object) => call<TargetView>('/v1/targets', { method: 'POST', body }),
    onSuccess: async (target) => {
      await queries.invalidateQueries({ queryKey: LIST });
      onDone(target);
    },
  });
}

export function useRemoveTarget(name: string, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call<undefined>(targetPath(name), { method: 'DELETE' }),
    onSuccess: async () => {
      queries.removeQueries({ queryKey: targetQuery(name).queryKey });
      await queries.invalidateQueries({ queryKey: LIST });
      onDone();
    },
  });
}

/** Has a gateway look; what it found is the target's last look from then on, whether it went well or not. */
export function useTestTarget(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call<TargetTestView>(`${targetPath(name)}/test`, { method: 'POST' }),
    onSuccess: async ({ target }) => {
      takeAnswer(queries, targetQuery(name).queryKey, target);
      await queries.invalidateQueries({ queryKey: LIST });
    },
  });
}
