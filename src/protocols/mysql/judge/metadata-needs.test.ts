import { describe, expect, it } from 'vitest';
import type { Access } from '../../sql/access.js';
import type { CatalogSnapshot } from '../../sql/catalog.js';
import { metadataNeeds } from './metadata-needs.js';

const ACCOUNT = 'dw_x@%';
const SNAPSHOT: CatalogSnapshot = {
  version: 'v',
  takenAtMs: 0,
  foldsCase: false,
  databases: ['shop'],
  tables: new Map(),
  views: new Map(),
  triggers: new Map(),
  foreignKeys: new Map(),
  defaults: new Map(),
  routines: new Map(),
  definers: [
    { database: 'shop', kind: 'function', name: 'Mine', account: ACCOUNT },
    { database: 'shop', kind: 'procedure', name: 'theirs', account: 'root@%' },
  ],
  triggersUnseen: new Map(),
  problem: null,
};

function needsOf(
  sight: Parameters<typeof metadataNeeds>[0][number],
  access: readonly Access[],
  standing: readonly Access[],
) {
  return metadataNeeds([sight], { access, standing, account: ACCOUNT, flavour: 'mysql', snapshot: SNAPSHOT });
}
const onShop = (privilege: string) => ({ on: 'database', privilege, database: 'shop' });

describe('what a read of metadata needs', () => {
  it('is what shows every table, where something stands on some of them alone', () => {
    const access: readonly Access[] = [{ database: 'shop', privileges: ['SELECT', 'TRIGGER'] }];
    const standing: readonly Access[] = [{ database: 'shop', tables: ['orders'], privileges: ['SELECT'] }];
    const lists = { kind: 'tables', database: 'shop' } as const;
    expect(needsOf(lists, access, standing)).toEqual({ needs: [onShop('TRIGGER')], lacking: [] });
    expect(needsOf({ kind: 'databases', database: null }, access, standing)).toEqual({ needs: [], lacking: [] });
    const whole: readonly Access[] = [{ database: 'shop', privileges: ['SELECT'] }];
    expect(needsOf(lists, access, whole).needs).toEqual([onShop('SELECT')]);
  });

  it('is for columns what shows columns: other privileges on a table show that it is there', () => {
    const columns = { kind: 'columns', database: null } as const;
    const rule: Access = { database: 'shop', privileges: ['INDEX', 'UPDATE'] };
    expect(needsOf(columns, [rule], []).needs).toEqual([onShop('UPDATE')]);
    expect(needsOf(columns, [{ ...rule, privileges: ['DELETE'] }], []).lacking).toEqual(['REFERENCES ON shop.*']);
  });

  it('is nothing for a rule about no tables, and counts what another rule covers', () => {
    const access: readonly Access[] = [
      { database: 'shop', privileges: ['TRIGGER', 'SELECT'] },
      { database: 'shop', tables: ['orders'], privileges: ['UPDATE'] },
      { database: 'shop', privileges: ['EXECUTE'] },
    ];
    const found = needsOf({ kind: 'tables', database: 'shop' }, access, [access[0] ?? access].flat());
    expect(found.lacking).toEqual([]);
    const routines = needsOf({ kind: 'tables', database: 'shop' }, access.slice(2), []);
    expect(routines).toEqual({ needs: [], lacking: [] });
  });

  it('is lent for the text of a routine that is another account’s, where it is named and the grant may use it', () => {
    const access: readonly Access[] = [{ database: 'shop', privileges: ['EXECUTE'] }];
    const text = (kind: string, name: string, given = access) =>
      needsOf({ kind: 'routine-text', database: 'shop', routine: { kind, name } }, given, given);
    expect(text('function', 'mine')).toEqual({ needs: [], lacking: [] });
    expect(text('function', 'theirs')).toEqual({ needs: [], lacking: [] }); // which is not there
    const lent = [{ on: 'routine-texts', privilege: 'SHOW_ROUTINE', database: 'shop' }];
    expect(text('procedure', 'THEIRS')).toEqual({ needs: lent, lacking: [] });
    const reading: readonly Access[] = [{ database: 'shop', privileges: ['SELECT'] }];
    expect(text('procedure', 'theirs', reading).lacking).toEqual(['EXECUTE ON shop.*']);
    // That would show the routines of every database.
    expect(needsOf({ kind: 'routine-text', database: null }, access, access).lacking).toHaveLength(1);
  });
});
