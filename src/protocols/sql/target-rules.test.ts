import { describe, expect, it } from 'vitest';
import type { AskedTerms } from '../../protocol/target-rules.js';
import { SQL_TARGETS, type SqlLimits } from './target-rules.js';

const limits: SqlLimits = { ttlSecondsMax: 60, privileges: ['SELECT'], databases: ['shop'], sessionsMax: 2 };
const terms = { limits, defaultDatabase: 'shop' };

const REFUSED: readonly (readonly [AskedTerms, string])[] = [
  [{ limits: { databases: ['mysql'] } }, 'limits.databases.0: must not be a database of the server itself'],
  [{ limits: { privileges: ['FILE'] } }, 'limits.privileges.0: Invalid option'],
  [{ limits: { queries: 5 } }, 'limits: Unrecognized key: "queries"'],
  [{ limits: { sessionsMax: 0 } }, 'limits.sessionsMax: Too small'],
  [{ defaultDatabase: 'sys' }, 'defaultDatabase: must not be a database of the server itself'],
];

describe('a target that is registered', () => {
  it('has the usual limits where none are named', () => {
    expect(SQL_TARGETS.registered({})).toEqual({
      limits: { ttlSecondsMax: 3_600, privileges: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'], sessionsMax: 16 },
      defaultDatabase: null,
    });
  });

  it.each(REFUSED)('is refused: %o', (asked, detail) => {
    expect(() => SQL_TARGETS.registered(asked)).toThrow(
      expect.objectContaining({ code: 'request_invalid', detail: expect.stringContaining(detail) }),
    );
  });

  it('has its default database within its limits', () => {
    expect(() => SQL_TARGETS.registered({ limits: { databases: ['shop'] }, defaultDatabase: 'crm' })).toThrow(
      expect.objectContaining({ code: 'target_database_missing' }),
    );
  });
});

describe('a target that is changed', () => {
  it.each<AskedTerms>([
    { limits: { privileges: ['SELECT', 'CREATE VIEW'] } },
    { limits: { databases: ['shop', 'other'] } },
    { limits: { databases: null } },
    { limits: { databases: ['shop', 'other'] }, defaultDatabase: 'other' },
  ])('asks for more: %o', (asked) => {
    expect(SQL_TARGETS.changed(terms, asked).asksForMore).toBe(true);
  });

  it.each<AskedTerms>([{}, { limits: { sessionsMax: 3 } }, { defaultDatabase: null }])(
    'asks for no more: %o',
    (asked) => {
      expect(SQL_TARGETS.changed(terms, asked).asksForMore).toBe(false);
    },
  );

  it('keeps the limits that are not named', () => {
    expect(SQL_TARGETS.changed(terms, { limits: { ttlSecondsMax: 5 } }).terms).toEqual({
      limits: { ...limits, ttlSecondsMax: 5 },
      defaultDatabase: 'shop',
    });
    expect(SQL_TARGETS.changed(terms, { limits: { databases: null } }).terms.limits).toEqual({
      ttlSecondsMax: 60,
      privileges: ['SELECT'],
      sessionsMax: 2,
    });
  });

  it.each(REFUSED)('is refused: %o', (asked, detail) => {
    expect(() => SQL_TARGETS.changed(terms, asked)).toThrow(
      expect.objectContaining({ code: 'request_invalid', detail: expect.stringContaining(detail) }),
    );
  });
});
