import { describe, expect, test } from 'vitest';
import { tableKey } from './catalog.js';
import { CASE, use, touch, statement, shop, tablesOf } from './expand.fixture.js';
import { expandFacts, expandStatement } from './expand.js';
import type { StatementFacts, TableAction } from './statement.js';

describe('triggers', () => {
  const noted = touch([use('audit', 'insert')]);
  const triggers = [
    ['on_insert', 'base', 'insert', noted],
    ['on_update', 'base', 'update', noted],
    ['on_delete', 'base', 'delete', noted],
    ['of_audit', 'audit', 'insert', touch([use('deep', 'delete')])],
  ] as const;
  const fired = (facts: Partial<StatementFacts>): readonly string[] =>
    expandFacts(statement(facts), shop({ triggers }), 'shop').triggers;

  test.each<readonly [Partial<StatementFacts>, readonly string[]]>([
    [{ tables: [use('base')] }, []],
    [{ tables: [use('base', 'insert')] }, ['shop.of_audit', 'shop.on_insert']],
    [
      { tables: [use('base', 'insert')], flags: ['on-duplicate-key'] },
      ['shop.of_audit', 'shop.on_insert', 'shop.on_update'],
    ],
    [{ tables: [use('base', 'replace')] }, ['shop.of_audit', 'shop.on_delete', 'shop.on_insert']],
    [{ tables: [use('base', 'update')] }, ['shop.of_audit', 'shop.on_update']],
    [{ tables: [use('base', 'delete')] }, ['shop.of_audit', 'shop.on_delete']],
    [{ tables: [use('base', 'schema')] }, []],
    [{ tables: [use('BASE', 'delete')] }, []],
  ])('that %j fires are found', (facts, expected) => {
    expect(fired(facts)).toEqual(expected);
  });

  test('of other letter case are found where the target folds case', () => {
    const snapshot = shop({ triggers, more: { foldsCase: true } });
    const folded = {
      ...snapshot,
      triggers: new Map([...snapshot.triggers].map(([key, list]) => [key.toLowerCase(), list])),
    };
    expect(expandFacts(statement({ tables: [use('BASE', 'delete')] }), folded, 'shop').triggers).toEqual([
      'shop.of_audit',
      'shop.on_delete',
    ]);
  });

  test('that write tables with triggers are followed', () => {
    const facts = expandFacts(statement({ tables: [use('base', 'insert')] }), shop({ triggers }), 'shop');
    expect(tablesOf(facts)).toEqual(['insert base (text)', 'insert audit (trigger)', 'delete deep (trigger)']);
  });

  test('that nobody understands make the statement not understood, and are named', () => {
    const dark = [['dark', 'base', 'insert', touch([], { unknown: 'dynamic SQL' })]] as const;
    const facts = expandFacts(statement({ tables: [use('base', 'insert')] }), shop({ triggers: dark }), 'shop');
    expect(facts.triggers).toEqual(['shop.dark']);
    expect(facts.notUnderstood).toBe('the broker does not know what the trigger shop.dark does: dynamic SQL');
  });

  test('that cannot be seen make a write not understood, and a read not', () => {
    const more = { triggersUnseen: new Map([['shop', 'hidden from here']]) };
    const expanded = (action: TableAction): string | null =>
      expandFacts(statement({ tables: [use('base', action)] }), shop({ more }), 'shop').notUnderstood;
    expect(expanded('insert')).toBe('hidden from here');
    expect(expanded('read')).toBeNull();
  });
});

describe('defaults of columns that count on a sequence', () => {
  const nextval = { database: null, name: 'nextval' };
  const counts = touch([use('numbers'), use('numbers', 'insert')], { functions: ['nextval'], routines: [nextval] });
  const numbered = shop({
    views: { defaults: touch([use('base')], { functions: ['default'] }) },
    more: { defaults: new Map([[tableKey(CASE, 'shop', 'base'), { ...counts, flags: [] }]]) },
  });
  const counted = [use('numbers', 'read', 'default'), use('numbers', 'insert', 'default')];

  test('are evaluated by DEFAULT(column), which is then no harmless read', () => {
    const read = statement({ tables: [use('base')], functions: ['default'] });
    const facts = expandFacts(read, numbered, 'shop');
    expect(facts.unknownFunctions).toEqual([nextval]);
    expect(facts.tables).toEqual([use('base'), ...counted]);
    expect(expandFacts(statement({ tables: [use('base')] }), numbered, 'shop').tables).toEqual([use('base')]);
  });

  test('are found below a view that evaluates them', () => {
    const facts = expandFacts(statement({ tables: [use('defaults')] }), numbered, 'shop');
    expect(facts.unknownFunctions).toEqual([nextval]);
    expect(facts.tables).toContainEqual(use('numbers', 'insert', 'view'));
  });

  test('are evaluated by every insert, of which counting on is a part', () => {
    const facts = expandFacts(statement({ action: 'insert', tables: [use('base', 'insert')] }), numbered, 'shop');
    expect(facts.tables).toEqual([use('base', 'insert'), ...counted]);
    expect(facts.unknownFunctions).toEqual([]);
  });

  test('make a change depend on the session where they use its variables', () => {
    const variable = { ...touch([]), flags: ['user-variable'] as const };
    const more = { defaults: new Map([[tableKey(CASE, 'shop', 'base'), variable]]) };
    const insert = statement({ action: 'insert', tables: [use('base', 'insert')] });
    expect(expandFacts(insert, shop({ more }), 'shop').flags).toEqual(['user-variable']);
  });
});

describe('foreign keys', () => {
  const chain = [
    { name: 'one', onDelete: 'cascade', onUpdate: 'cascade' },
    {
      name: 'two',
      parent: { database: 'shop', table: 'child' },
      child: { database: 'shop', table: 'grandchild' },
      onDelete: 'set null',
    },
  ] as const;

  test('carry a delete on, level by level', () => {
    const { facts, cascades } = expandStatement(
      statement({ tables: [use('parent', 'delete')] }),
      shop({ foreignKeys: chain }),
      'shop',
    );
    expect(tablesOf(facts)).toEqual(['delete parent (text)', 'delete child (cascade)', 'update grandchild (cascade)']);
    expect(cascades).toEqual([
      'shop.child → shop.grandchild ON DELETE SET NULL',
      'shop.parent → shop.child ON DELETE CASCADE',
    ]);
  });

  test('carry an update on only when it names the key', () => {
    const snapshot = shop({ foreignKeys: chain });
    const updated = (columns: readonly string[]): readonly string[] =>
      tablesOf(expandFacts(statement({ tables: [use('parent', 'update')], columns }), snapshot, 'shop'));
    expect(updated(['name'])).toEqual(['update parent (text)']);
    expect(updated(['ID'])).toEqual(['update parent (text)', 'update child (cascade)']);
  });

  test('carry an update on that does not name the key, where a trigger or the column itself may change it', () => {
    const generated = [{ ...chain[0], parentColumns: null }];
    const triggers = [['before', 'parent', 'update', touch([])]] as const;
    for (const snapshot of [shop({ foreignKeys: generated }), shop({ foreignKeys: chain, triggers })]) {
      const facts = expandFacts(statement({ tables: [use('parent', 'update')], columns: ['name'] }), snapshot, 'shop');
      expect(tablesOf(facts)).toContain('update child (cascade)');
    }
  });

  test('fire no triggers on the rows that they change', () => {
    const triggers = [['of_child', 'child', 'delete', touch([use('audit', 'insert')])]] as const;
    const facts = expandFacts(
      statement({ tables: [use('parent', 'delete')] }),
      shop({ foreignKeys: chain, triggers }),
      'shop',
    );
    expect(facts.triggers).toEqual([]);
  });

  test('that lead back to their own table end', () => {
    const tree = [{ child: { database: 'shop', table: 'parent' }, onDelete: 'cascade' }] as const;
    const facts = expandFacts(statement({ tables: [use('parent', 'delete')] }), shop({ foreignKeys: tree }), 'shop');
    expect(tablesOf(facts)).toEqual(['delete parent (text)', 'delete parent (cascade)']);
  });
});
