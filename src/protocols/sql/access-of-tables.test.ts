import { expect, it } from 'vitest';
import { accessOfTables, needsDatabase } from './access-of-tables.js';

const CHANGING = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

it('tables that are typed become a rule each, a star the whole database', () => {
  expect(accessOfTables({ read: ['shop.items', 'logs.*', 'orders'], write: ['shop.orders'] }, 'shop')).toEqual([
    { database: 'shop', tables: ['items'], privileges: ['SELECT'] },
    { database: 'logs', privileges: ['SELECT'] },
    { database: 'shop', tables: ['orders'], privileges: ['SELECT'] },
    { database: 'shop', tables: ['orders'], privileges: CHANGING },
  ]);
});

it('what may be changed may be read, and is asked for once', () => {
  expect(accessOfTables({ read: ['a.t', 'a.t'], write: ['a.t', 'a.t'] }, null)).toEqual([
    { database: 'a', tables: ['t'], privileges: CHANGING },
  ]);
});

it('only a table without its database needs the default one; a dot belongs to the table after the first', () => {
  expect(needsDatabase({ read: ['a.t'], write: ['a.*'] })).toBe(false);
  expect(needsDatabase({ read: ['t'], write: [] })).toBe(true);
  expect(accessOfTables({ read: ['a.t.x'], write: [] }, null)).toEqual([
    { database: 'a', tables: ['t.x'], privileges: ['SELECT'] },
  ]);
});
