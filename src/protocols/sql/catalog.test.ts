import { describe, expect, test } from 'vitest';
import { hasTransactionalEngine, tableKey } from './catalog.js';
import { CASE, use, touch, shop } from './expand.fixture.js';

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
