import { queryOptions } from '@tanstack/react-query';
import type { IdentityProviderView } from '../../contracts/identity/identity-provider.js';
import { call } from '../api/call.js';

export function providerQuery(name: string) {
  return queryOptions({
    queryKey: ['provider', name],
    queryFn: ({ signal }) =>
      call<IdentityProviderView>(`/v1/identity-providers/${encodeURIComponent(name)}`, { signal }),
  });
}
