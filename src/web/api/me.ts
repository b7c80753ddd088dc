import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import type { MeView } from '../../contracts/sign-in/session.js';
import { ME_ADDRESS } from './addresses.js';
import { call } from './call.js';

export type Permission = MeView['permissions'][number];

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => call<MeView>(ME_ADDRESS, { signal }),
  staleTime: 30_000,
});

/** Who is signed in. The shell asks before it shows anything, so that features always have it. */
export function useMe(): MeView {
  return useSuspenseQuery(meQuery).data;
}

export function useMay(permission: Permission): boolean {
  return useMe().permissions.includes(permission);
}
