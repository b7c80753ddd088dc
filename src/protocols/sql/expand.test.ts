import { describe, expect, test } from 'vitest';
import { use, touch, statement, shop, tablesOf } from './expand.fixture.js';
import { expandFacts } from './expand.js';

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
