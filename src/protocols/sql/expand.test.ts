import { describe, expect, test } from 'vitest';
import {
  hasTransactionalEngine,
  routineKey,
  tableKey,
  type CatalogForeignKey,
  type CatalogRoutine,
  type CatalogSnapshot,
  type CatalogTrigger,
  type CodeTouch,
  type TriggerEvent,
} from './catalog.js';
import type { StatementFacts, TableAction, TableUse } from './statement.js';
import { expandFacts, expandStatement } from './expand.js';

const CASE = { foldsCase: false };

function use(table: string, action: TableAction = 'read', by: TableUse['by'] = 'text'): TableUse {
  return { database: 'shop', table, action, by };
}

function touch(tables: readonly TableUse[], more: Partial<CodeTouch> = {}): CodeTouch {
  return { tables, functions: [], routines: [], unknown: null, ...more };
}

function statement(facts: Partial<StatementFacts>): StatementFacts {
  return {
    kind: 'select',
    action: 'read',
    statements: 1,
    tables: [],
    columns: [],
    functions: [],
    unknownFunctions: [],
    where: 'none',
    hasLimit: false,
    flags: [],
    triggers: [],
    notUnderstood: null,
    ...facts,
  };
}

interface Shop {
  readonly views?: Readonly<Record<string, CodeTouch>>;
  readonly triggers?: readonly (readonly [name: string, table: string, event: TriggerEvent, touches: CodeTouch])[];
  readonly foreignKeys?: readonly Partial<CatalogForeignKey>[];
  readonly routines?: readonly Pick<CatalogRoutine, 'kind' | 'name' | 'touches'>[];
  readonly more?: Partial<CatalogSnapshot>;
}

function shop({ views = {}, triggers = [], foreignKeys = [], routines = [], more = {} }: Shop): CatalogSnapshot {
  const byTable = Map.groupBy(
    triggers.map(([name, table, event, touches]): CatalogTrigger => ({
      database: 'shop',
      name,
      table,
      event,
      touches,
    })),
    ({ table }) => tableKey(CASE, 'shop', table),
  );
  const keys = foreignKeys.map((key): CatalogForeignKey => ({
    name: 'fk',
    child: { database: 'shop', table: 'child' },
    parent: { database: 'shop', table: 'parent' },
    onDelete: 'none',
    onUpdate: 'none',
    parentColumns: ['id'],
    ...key,
  }));
  return {
    version: 'v',
    takenAtMs: 0,
    foldsCase: false,
    definers: [],
    databases: ['shop'],
    tables: new Map(),
    views: new Map(
      Object.entries(views).map(([table, touches]) => [
        tableKey(CASE, 'shop', table),
        { database: 'shop', table, isUpdatable: true, listsOneTable: true, touches },
      ]),
    ),
    triggers: byTable,
    foreignKeys: Map.groupBy(keys, ({ parent }) => tableKey(CASE, parent.database, parent.table)),
    routines: new Map(
      routines.map((routine) => [
        routineKey(CASE, routine.kind, 'shop', routine.name),
        { ...routine, database: 'shop' },
      ]),
    ),
    defaults: new Map(),
    triggersUnseen: new Map(),
    problem: null,
    ...more,
  };
}

function tablesOf(facts: StatementFacts): readonly string[] {
  return facts.tables.map(({ table, action, by }) => `${action} ${table} (${by})`);
}

describe('a statement that reads a view', () => {
  const views = {
    top: touch([use('below'), use('extra')]),
    below: touch([use('base')]),
  };

  test('reads the tables below it, through views of views', () => {
    const facts = expandFacts(statement({ tables: [use('top')] }), shop({ views }), 'shop');
    expect(tablesOf(facts)).toEqual(['read top (text)', 'read below (view)', 'read base (view)', 'read extra (view)']);
  });

  test('calls the functions that the view calls', () => {
    const loud = { top: touch([], { functions: ['sleep', 'lower'], routines: [{ database: null, name: 'sleep' }] }) };
    const facts = expandFacts(statement({ tables: [use('top')] }), shop({ views: loud }), 'shop');
    expect(facts.functions).toEqual(['sleep', 'lower']);
    expect(facts.unknownFunctions).toEqual([{ database: null, name: 'sleep' }]);
  });

  test('is not understood when the view is not', () => {
    const hidden = { top: touch([], { unknown: 'hidden' }) };
    const facts = expandFacts(statement({ tables: [use('top')] }), shop({ views: hidden }), 'shop');
    expect(facts.notUnderstood).toBe('the broker does not know what the view shop.top does: hidden');
  });

  test('ends for views that read one another', () => {
    const circle = { a: touch([use('b')]), b: touch([use('a')]) };
    const facts = expandFacts(statement({ tables: [use('a')] }), shop({ views: circle }), 'shop');
    expect(tablesOf(facts)).toEqual(['read a (text)', 'read b (view)', 'read a (view)']);
  });
});

describe('a statement that writes through a view', () => {
  const views = { top: touch([use('base')]) };

  test('writes the table below it, and fires its triggers', () => {
    const triggers = [['log_it', 'base', 'update', touch([use('audit', 'insert')])]] as const;
    const facts = expandFacts(statement({ tables: [use('top', 'update')] }), shop({ views, triggers }), 'shop');
    expect(tablesOf(facts)).toEqual([
      'update top (text)',
      'read base (view)',
      'update base (view)',
      'insert audit (trigger)',
    ]);
    expect(facts.triggers).toEqual(['shop.log_it']);
  });

  test('only reads below one that the server says is not updatable', () => {
    const snapshot = shop({ views });
    const [[key, view] = []] = snapshot.views;
    if (key === undefined || view === undefined) throw new Error('there is a view');
    const fixed = { ...snapshot, views: new Map([[key, { ...view, isUpdatable: false }]]) };
    const facts = expandFacts(statement({ tables: [use('top', 'update')] }), fixed, 'shop');
    expect(tablesOf(facts)).toEqual(['update top (text)', 'read base (view)']);
  });

  test('does nothing to the tables when the view itself is dropped', () => {
    const facts = expandFacts(statement({ tables: [use('top', 'schema')] }), shop({ views }), 'shop');
    expect(tablesOf(facts)).toEqual(['schema top (text)']);
  });
});

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

describe('stored routines', () => {
  const routines = [
    { kind: 'function', name: 'Price', touches: touch([use('prices')]) },
    {
      kind: 'procedure',
      name: 'tidy',
      touches: touch([use('old', 'delete')], { routines: [{ database: null, name: 'price' }] }),
    },
  ] as const;

  test('stay unknown functions, with the database they are in and what they touch', () => {
    const facts = expandFacts(
      statement({ unknownFunctions: [{ database: null, name: 'price' }] }),
      shop({ routines }),
      'shop',
    );
    expect(facts.unknownFunctions).toEqual([{ database: 'shop', name: 'Price' }]);
    expect(tablesOf(facts)).toEqual(['read prices (routine)']);
  });

  test('are followed from a procedure to the functions it calls', () => {
    const facts = expandFacts(
      statement({ kind: 'call', action: 'execute', unknownFunctions: [{ database: 'shop', name: 'TIDY' }] }),
      shop({ routines }),
      'other',
    );
    expect(facts.unknownFunctions).toEqual([
      { database: 'shop', name: 'tidy' },
      { database: 'shop', name: 'Price' },
    ]);
    expect(tablesOf(facts)).toEqual(['delete old (routine)', 'read prices (routine)']);
  });

  test('that nobody knows stay as they are named', () => {
    const unknownFunctions = [{ database: null, name: 'mystery' }];
    expect(expandFacts(statement({ unknownFunctions }), shop({}), 'shop').unknownFunctions).toEqual(unknownFunctions);
  });
});

describe('expanding', () => {
  test('changes nothing about tables that the catalog does not know', () => {
    const facts = statement({ tables: [use('somewhere', 'delete'), { ...use('bare'), database: null }] });
    expect(expandFacts(facts, shop({}), 'shop')).toEqual(facts);
  });

  test('gives the same when it is done twice', () => {
    const snapshot = shop({
      views: { top: touch([use('base')]) },
      triggers: [['t', 'base', 'delete', touch([use('audit', 'insert')])]],
    });
    const once = expandFacts(statement({ tables: [use('top', 'delete')] }), snapshot, 'shop');
    expect(expandFacts(once, snapshot, 'shop')).toEqual(once);
  });

  test('of a catalog that cannot be used makes every statement on a table not understood', () => {
    const snapshot = shop({ more: { problem: 'too large' } });
    expect(expandFacts(statement({ tables: [use('base')] }), snapshot, 'shop').notUnderstood).toBe('too large');
    expect(expandFacts(statement({}), snapshot, 'shop').notUnderstood).toBeNull();
  });

  test('refuses a statement that leads to more tables than people could look at', () => {
    const many = Array.from({ length: 1_001 }, (_, index) => use(`t${index}`));
    expect(expandFacts(statement({ tables: many }), shop({}), 'shop').notUnderstood).toMatch(/more tables/);
  });
});

describe('a table', () => {
  const table = (name: string, engine: string | null) =>
    [tableKey(CASE, 'shop', name), { database: 'shop', table: name, kind: 'table', engine }] as const;
  const snapshot = shop({
    views: { mixed: touch([use('safe'), use('unsafe')]), pure: touch([use('safe')]) },
    more: { tables: new Map([table('safe', 'InnoDB'), table('unsafe', 'MyISAM')]) },
  });

  test.each([
    ['safe', true],
    ['unsafe', false],
    ['pure', true],
    ['mixed', false],
    ['missing', false],
  ])('%s is undone by ROLLBACK: %s', (name, expected) => {
    expect(hasTransactionalEngine(snapshot, { database: 'shop', table: name })).toBe(expected);
  });
});
