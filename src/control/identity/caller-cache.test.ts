import { expect, it } from 'vitest';
import { newPrincipalId } from '../../domain/ids.js';
import type { Caller } from '../http/access.js';
import { CallerCache } from './caller-cache.js';

const id = newPrincipalId();
const caller: Caller = {
  id,
  name: 'a',
  kind: 'agent',
  roles: ['agent'],
  groups: [],
  permissions: new Set(),
  person: id,
  signIn: { by: 'api-key', key: 'abcdefgh' },
  sponsor: null,
};

it('remembers a caller no longer than its key works', () => {
  const cache = new CallerCache();
  cache.remember('key', caller, { nowMs: 1_000, generation: cache.generation, endsAtMs: 1_500 });
  expect([cache.find('key', 1_499), cache.find('key', 1_500)]).toEqual([caller, undefined]);
  cache.remember('key', caller, { nowMs: 1_000, generation: cache.generation, endsAtMs: 100_000 });
  expect([cache.find('key', 5_999), cache.find('key', 6_000)]).toEqual([caller, undefined]);
});

it('remembers a caller for at most five seconds', () => {
  const cache = new CallerCache();
  cache.remember('k', caller, { nowMs: 1_000, generation: cache.generation });
  expect(cache.find('k', 5_999)).toBe(caller);
  expect(cache.find('k', 6_000)).toBeUndefined();
});

it('forgets everybody at once, also those who were just being read', () => {
  const cache = new CallerCache();
  const { generation } = cache;
  cache.remember('k', caller, { nowMs: 0, generation });
  cache.forgetAll();
  cache.remember('late', caller, { nowMs: 0, generation });
  expect(cache.find('k', 1)).toBeUndefined();
  expect(cache.find('late', 1)).toBeUndefined();
});

it('stays small', () => {
  const cache = new CallerCache();
  for (let n = 0; n < 5_000; n += 1) cache.remember(`k${n}`, caller, { nowMs: 0, generation: 0 });
  expect(cache.find('k0', 1)).toBeUndefined();
  expect(cache.find('k3999', 1)).toBeUndefined();
  expect(cache.find('k4000', 1)).toBe(caller);
});
