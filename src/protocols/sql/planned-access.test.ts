import { expect, it } from 'vitest';
import { ACCESS_RULES_MAX } from '../../domain/grant.js';
import type { SqlLimits } from './target-rules.js';
import { plannedAccess, widestAccess } from './planned-access.js';

const limits: SqlLimits = { ttlSecondsMax: 600, privileges: ['SELECT', 'INSERT'], sessionsMax: 4 };

function planned(asked?: readonly object[], defaultDatabase: string | null = 'shop') {
  return plannedAccess(asked, { limits, defaultDatabase }, ['access']);
}

it('fills in reading the default database', () => {
  expect(planned()).toEqual({ access: [{ database: 'shop', privileges: ['SELECT'] }], database: 'shop' });
});

it('starts connections where the access reaches', () => {
  expect(planned([{ database: 'crm', privileges: ['SELECT'] }]).database).toBe('crm');
});

it.each([
  ['a privilege over the limit', [{ database: 'shop', privileges: ['DROP'] }], 'shop', 'grant_privileges_over_limit'],
  ['no access where no database is the default', undefined, null, 'grant_access_missing'],
])('refuses %s', (_, asked, defaultDatabase, code) => {
  expect(() => planned(asked, defaultDatabase)).toThrow(expect.objectContaining({ code }));
});

it('says what does not fit by its place in the request', () => {
  const asked = [{ database: 'shop', privileges: ['SELECT', 'FILE'] }, { tables: [] }];
  expect(() => planned(asked)).toThrow(
    expect.objectContaining({
      code: 'request_invalid',
      fields: {
        errors: expect.arrayContaining([
          expect.objectContaining({ path: 'access.1.database' }),
          expect.objectContaining({ path: 'access.0.privileges' }),
        ]),
      },
    }),
  );
});

it('gives as much as one request may ask for: every privilege on the databases that are named, the default one first', () => {
  const { privileges } = limits;
  expect(widestAccess({ limits, defaultDatabase: null })).toEqual([]);
  const databases = ['crm', 'shop', ...Array.from({ length: 40 }, (_, index) => `d${index}`)];
  const named: SqlLimits = { ...limits, databases };
  const widest = widestAccess({ limits: named, defaultDatabase: 'shop' });
  expect(widest.slice(0, 2)).toEqual([
    { database: 'shop', privileges },
    { database: 'crm', privileges },
  ]);
  expect(widest).toHaveLength(ACCESS_RULES_MAX);
});
