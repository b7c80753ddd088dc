import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { KnownPrincipalView, PrincipalChange, PrincipalView } from '../../contracts/identity/principal.js';
import { call } from '../api/call.js';

export function principalQuery(name: string) {
  return queryOptions({
    queryKey: ['principal', name],
    queryFn: ({ signal }) => call<KnownPrincipalView>(`/v1/principals/${encodeURIComponent(name)}`, { signal }),
  });
}

/** Changes a principal; all that is shown of principals is asked for again. */
export function useChangePrincipal(name: string, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: PrincipalChange) =>
      call<PrincipalView>(`/v1/principals/${encodeURIComponent(name)}`, { method: 'PATCH', body: change }),
    onSuccess: async () => {
      onDone();
      await Promise.all(
        [['principal'], ['principals'], ['sessions'], ['record']].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      );
    },
  });
}
