import { describe, expect, it } from 'vitest';
import type { StatementFacts } from '../../../sql/statement.js';
import type { OpinionView } from './opinion-view.js';
import { needsOpinion, withOpinion } from './opinion.js';

const DELETION: StatementFacts = {
  kind: 'delete',
  action: 'delete',
  statements: 1,
  tables: [
    { database: 'shop', table: 'orders', action: 'delete', by: 'text' },
    { database: 'shop', table: 'order_notes', action: 'delete', by: 'cascade' },
  ],
  columns: ['id'],
  functions: [],
  unknownFunctions: [],
  where: 'column',
  hasLimit: false,
  flags: [],
  triggers: [],
  notUnderstood: null,
};

const SAME: OpinionView = {
  statements: 1,
  kind: 'delete',
  where: 'column',
  tables: [{ database: null, table: 'orders', isWritten: true }],
};

const judged = (facts: StatementFacts, view: OpinionView): StatementFacts =>
  withOpinion(facts, { kind: 'view', view }, 'shop');

describe('facts with a second opinion', () => {
  it('stay as they are when both see the same; what only the catalog knows is not compared', () => {
    expect(judged(DELETION, SAME)).toBe(DELETION);
    expect(judged({ ...DELETION, where: 'constant' }, SAME)).toMatchObject({ notUnderstood: null, where: 'constant' });
  });

  it.each<[string, StatementFacts, Partial<OpinionView>]>([
    ['the number of statements', DELETION, { statements: 2 }],
    ['the kind', DELETION, { kind: 'select' }],
    ['whether there is a WHERE', DELETION, { where: 'none' }],
    ['whether there is a WHERE, the other way', { ...DELETION, where: 'none' }, {}],
    ['whether WHERE names a column', DELETION, { where: 'constant' }],
    ['the database of a table', DELETION, { tables: [{ database: 'other', table: 'orders', isWritten: true }] }],
    ['a table that the second misses', DELETION, { tables: [] }],
    ['the spelling of a table', DELETION, { tables: [{ database: null, table: 'Orders', isWritten: true }] }],
    [
      'which table is written',
      { ...DELETION, tables: [{ database: 'shop', table: 'orders', action: 'read', by: 'text' }] },
      {},
    ],
  ])('are not understood when the parsers differ in %s', (_what, facts, view) => {
    expect(judged(facts, { ...SAME, ...view }).notUnderstood).toMatch(/^parsers disagree: \w/);
  });

  it('are the same however the name of a system database is written', () => {
    const table = { database: 'information_schema', table: 'TABLES', action: 'read', by: 'text' } as const;
    const facts: StatementFacts = { ...DELETION, kind: 'select', action: 'read', tables: [table] };
    const theirs = { database: 'INFORMATION_SCHEMA', table: 'TABLES', isWritten: false };
    expect(judged(facts, { ...SAME, kind: 'select', tables: [theirs] })).toBe(facts);
  });

  it('keep the tables of both when the parsers differ', () => {
    const view = { ...SAME, tables: [{ database: null, table: 'customers', isWritten: true }] };
    expect(judged(DELETION, view).tables).toEqual([
      ...DELETION.tables,
      { database: 'shop', table: 'customers', action: 'delete', by: 'text' },
    ]);
  });

  it('are not understood without an opinion', () => {
    const facts = withOpinion(DELETION, { kind: 'none', why: 'too slow for the second' }, 'shop');
    expect(facts).toEqual({ ...DELETION, notUnderstood: 'parsers disagree: too slow for the second' });
  });

  it('never become milder: what is not understood stays so, for its own reason', () => {
    const facts = { ...DELETION, notUnderstood: 'a comment is not closed' };
    expect(judged(facts, SAME)).toBe(facts);
  });

  it('need none for what is judged without one', () => {
    expect(needsOpinion(DELETION)).toBe(true);
    expect(needsOpinion({ ...DELETION, kind: 'show tables', action: 'read' })).toBe(false);
    expect(needsOpinion({ ...DELETION, statements: 2 })).toBe(false);
    expect(needsOpinion({ ...DELETION, kind: 'analyze table', action: 'schema' })).toBe(false);
  });

  it('need one for whatever runs a query or changes rows', () => {
    for (const kind of ['values', 'table', 'explain analyze select', 'analyze update']) {
      expect(needsOpinion({ ...DELETION, kind })).toBe(true);
    }
  });
});
