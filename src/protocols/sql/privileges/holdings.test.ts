import { describe, expect, it } from 'vitest';
import type { NeededPrivilege } from '../privilege.js';
import { holdingsOfAccess, holdingsOfNeeds, holdingsWithout, needsOfHolding } from './holdings.js';

const NEEDS: readonly NeededPrivilege[] = [
  { on: 'table', privilege: 'UPDATE', database: 'sh_op', table: 'or`ders' },
  { on: 'database', privilege: 'LOCK TABLES', database: 'sh_op' },
  { on: 'table', privilege: 'SELECT', database: 'sh_op', table: 'or`ders' },
  { on: 'routine', privilege: 'EXECUTE', routine: 'FUNCTION', database: 'sh_op', name: 'total' },
];

describe('holdings', () => {
  it('are made of single privileges and fall apart into them', () => {
    const apart = holdingsOfNeeds(NEEDS).flatMap(needsOfHolding);
    expect(apart).toHaveLength(NEEDS.length);
    expect(apart).toEqual(expect.arrayContaining([...NEEDS]));
  });

  it('differ thing by thing: a table is not covered by its database', () => {
    const held = holdingsOfAccess([
      { database: 'shop', privileges: ['SELECT', 'UPDATE'] },
      { database: 'shop', tables: ['a', 'b'], privileges: ['SELECT'] },
    ]);
    const kept = holdingsOfAccess([
      { database: 'shop', privileges: ['SELECT'] },
      { database: 'shop', tables: ['b'], privileges: ['SELECT', 'INSERT'] },
    ]);
    expect(holdingsWithout(held, kept)).toEqual([
      { on: 'database', database: 'shop', privileges: ['UPDATE'] },
      { on: 'table', database: 'shop', table: 'a', privileges: ['SELECT'] },
    ]);
  });

  it('are none where a rule carries no privileges', () => {
    expect(holdingsOfAccess([{ database: 'shop', privileges: [] }])).toEqual([]);
  });
});
