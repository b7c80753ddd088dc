import { expect, it } from 'vitest';
import type { Access } from './access.js';
import { accessBeyond } from './access-beyond.js';

const READ: Access = { database: 'shop', privileges: ['SELECT'] };
const WRITE: Access = { database: 'shop', tables: ['orders', 'notes'], privileges: ['SELECT', 'UPDATE'] };

it('is all of it when there was no grant before', () => {
  expect(accessBeyond([READ, WRITE], [])).toEqual([READ, WRITE]);
});

it('is nothing when one grant or several had it', () => {
  expect(accessBeyond([READ], [[READ]])).toEqual([]);
  expect(accessBeyond([WRITE], [[READ], [{ database: 'shop', privileges: ['UPDATE'] }]])).toEqual([]);
});

it('names the privileges and tables that are new, and takes a table for less than its database', () => {
  expect(accessBeyond([WRITE], [[READ]])).toEqual([
    { database: 'shop', tables: ['orders', 'notes'], privileges: ['UPDATE'] },
  ]);
  expect(accessBeyond([WRITE], [[READ, { database: 'shop', tables: ['orders'], privileges: ['UPDATE'] }]])).toEqual([
    { database: 'shop', tables: ['notes'], privileges: ['UPDATE'] },
  ]);
  const onOne = [{ database: 'shop', tables: ['orders'], privileges: ['SELECT'] }];
  expect(accessBeyond([READ], [onOne])).toEqual([READ]);
  expect(accessBeyond([{ ...READ, database: 'Shop' }], [[READ]])).toEqual([{ ...READ, database: 'Shop' }]);
});
