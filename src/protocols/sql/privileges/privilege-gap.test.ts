import { describe, expect, it } from 'vitest';
import type { Access } from '../access.js';
import type { NeededPrivilege, Privilege } from '../privilege.js';
import { privilegeGap } from './privilege-gap.js';

const onTable = (privilege: Privilege, table: string, database = 'shop'): NeededPrivilege => ({
  on: 'table',
  privilege,
  database,
  table,
});
const onDatabase = (privilege: Privilege, database = 'shop'): NeededPrivilege => ({
  on: 'database',
  privilege,
  database,
});
const onRoutine = (privilege: 'EXECUTE' | 'ALTER ROUTINE'): NeededPrivilege => ({
  on: 'routine',
  privilege,
  routine: 'PROCEDURE',
  database: 'shop',
  name: 'close_day',
});

const SHOP: readonly Access[] = [
  { database: 'shop', privileges: ['SELECT', 'UPDATE', 'CREATE', 'EXECUTE', 'LOCK TABLES'] },
  { database: 'stock', tables: ['items'], privileges: ['SELECT', 'UPDATE'] },
];
const READING: readonly Access[] = [{ database: 'shop', privileges: ['SELECT'] }];

describe('the gap between what a statement needs and what stands', () => {
  it('is empty when everything stands', () => {
    expect(privilegeGap([onTable('SELECT', 'orders')], READING, SHOP)).toEqual({ missing: [], outside: [] });
  });

  it('is what the grant covers and does not stand, each privilege once', () => {
    const needs = [onTable('SELECT', 'orders'), onTable('UPDATE', 'orders'), onTable('UPDATE', 'orders')];
    expect(privilegeGap(needs, READING, SHOP)).toEqual({ missing: [onTable('UPDATE', 'orders')], outside: [] });
  });

  it('is outside where the grant covers neither the privilege nor the database nor the table', () => {
    const needs = [
      onTable('DROP', 'orders'),
      onTable('SELECT', 'orders', 'payroll'),
      onTable('SELECT', 'prices', 'stock'),
    ];
    expect(privilegeGap(needs, READING, SHOP)).toEqual({ missing: [], outside: needs });
  });

  it('covers tables that are not there yet, by their database', () => {
    expect(privilegeGap([onTable('CREATE', 'new')], READING, SHOP).missing).toEqual([onTable('CREATE', 'new')]);
  });

  it('covers whole databases and routines only by rules that name no tables', () => {
    const needs = [
      onDatabase('UPDATE', 'stock'),
      onDatabase('UPDATE'),
      onRoutine('EXECUTE'),
      onRoutine('ALTER ROUTINE'),
    ];
    expect(privilegeGap(needs, [], SHOP)).toEqual({
      missing: [onDatabase('UPDATE'), onRoutine('EXECUTE')],
      outside: [onDatabase('UPDATE', 'stock'), onRoutine('ALTER ROUTINE')],
    });
  });

  it('is on the whole database for privileges that exist on databases only', () => {
    const needs = [onTable('LOCK TABLES', 'orders'), onTable('LOCK TABLES', 'lines')];
    expect(privilegeGap(needs, READING, SHOP).missing).toEqual([onDatabase('LOCK TABLES')]);
  });

  it.each(['mysql', 'MySQL', 'sys', 'information_schema', 'Performance_Schema'])(
    'is always outside in %s, whatever the grant says',
    (database) => {
      const everywhere: readonly Access[] = [{ database, privileges: ['SELECT'] }];
      const needs = [onTable('SELECT', 'user', database)];
      expect(privilegeGap(needs, everywhere, everywhere)).toEqual({ missing: [], outside: needs });
    },
  );

  it('takes names in other letter case for other names', () => {
    const needs = [onTable('SELECT', 'ITEMS', 'stock'), onTable('SELECT', 'orders', 'SHOP')];
    expect(privilegeGap(needs, SHOP, SHOP)).toEqual({ missing: [], outside: needs });
  });
});
