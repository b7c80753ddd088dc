import { describe, expect, it } from 'vitest';
import { tableKey, type CatalogSnapshot } from '../../sql/catalog.js';
import { analyse } from '../sql/analyse.js';
import { dialectOf } from '../sql/text/dialect.js';
import { estimatedTables, previewOfText, shownPreview, touchedTables, withCount } from './partial-preview.js';
import { planPreview } from './preview-plan.js';
import type { PreviewedStatement } from './previewed-statement.js';
import { columnFormOf } from './column-form.js';
import type { TableFacts } from './table-facts.js';

const DIALECT = dialectOf({ flavour: 'mariadb', version: '10.11.6', sqlMode: '' });

const SHOP: CatalogSnapshot = {
  version: 'v',
  takenAtMs: 0,
  foldsCase: false,
  definers: [],
  databases: ['shop'],
  tables: new Map(),
  views: new Map(),
  triggers: new Map(),
  foreignKeys: new Map(),
  routines: new Map(),
  defaults: new Map(),
  triggersUnseen: new Map(),
  problem: null,
};

const stores = columnFormOf('int', ['int(11)', 'YES', null, '10', '0', null]);
const column = (name: string) =>
  ({ name, isKey: name === 'id', form: 'text', type: 'int', expression: null, stores }) as const;
const ORDERS: TableFacts = { rowsEstimated: 40, columns: [column('id'), column('total')], writesBefore: false };
const GRANT = [{ database: 'shop', privileges: ['SELECT', 'UPDATE'] }] as const;

function statementOf(text: string, more: Partial<PreviewedStatement> = {}): PreviewedStatement {
  const bytes = Buffer.from(text);
  return {
    text: bytes,
    values: undefined,
    database: 'shop',
    dialect: DIALECT,
    facts: analyse(bytes, DIALECT, 'shop').facts,
    inTransaction: false,
    thread: 1,
    ...more,
  };
}

interface Circumstances {
  readonly credentials?: 'dynamic' | 'static';
  readonly access?: readonly { readonly database: string; readonly privileges: readonly ['SELECT', 'UPDATE'] }[];
  readonly countedRowsMax?: number;
}

function planOf(statement: PreviewedStatement, circumstances: Circumstances = {}) {
  const { credentials = 'dynamic', access = GRANT, countedRowsMax = 100 } = circumstances;
  const known = new Map([[tableKey(SHOP, 'shop', 'orders'), ORDERS]]);
  const tables = estimatedTables(touchedTables(statement.facts), known, SHOP);
  const order = { access, target: { credentials } };
  return planPreview({ statement, order, snapshot: SHOP, known, tables, countedRowsMax });
}

const UPDATE = 'UPDATE orders SET total = 0 WHERE id < 10';
const ORDERS_NAME = { database: 'shop', table: 'orders' };

describe('the plan of a preview', () => {
  it('asks how many rows an UPDATE changes, and counts its table where that is small', () => {
    const plan = planOf(statementOf(UPDATE));
    expect(plan).toMatchObject({
      affected: null,
      asks: { varying: null },
      counted: [ORDERS_NAME],
      read: [ORDERS_NAME],
    });
  });

  it('counts no table that is large, and reads it for the UPDATE alone', () => {
    expect(planOf(statementOf(UPDATE), { countedRowsMax: 39 })).toMatchObject({ counted: [], read: [ORDERS_NAME] });
  });

  it('asks nothing about rows that the text itself has', () => {
    const plan = planOf(statementOf('INSERT INTO orders VALUES (1, 2), (3, 4)'));
    expect(plan).toMatchObject({ affected: { kind: 'exact', rows: 2 }, asks: null });
    const bulk = { rows: 5, isCounted: true };
    const each = planOf(statementOf('INSERT INTO orders VALUES (?, ?)', { bulk }));
    expect(each).toMatchObject({ affected: { kind: 'exact', rows: 5 }, asks: null });
  });

  it('does not count what many rows of values match together', () => {
    const plan = planOf(statementOf(UPDATE, { bulk: { rows: 3, isCounted: true } }));
    expect(plan).toMatchObject({ affected: { kind: 'unknown' }, asks: null });
    expect(plan.affected).toHaveProperty('why', expect.stringContaining('once for each of 3 rows of values'));
  });

  it('reads nothing outside of the grant, and says so', () => {
    const elsewhere = planOf(statementOf(UPDATE), { access: [{ database: 'crm', privileges: ['SELECT', 'UPDATE'] }] });
    const affected = { kind: 'unknown', why: 'shop.orders is outside of the grant.' };
    expect(elsewhere).toEqual({ affected, asks: null, counted: [], read: [] });
  });

  it('reads nothing where no account can be made to look with', () => {
    const plan = planOf(statementOf(UPDATE), { credentials: 'static' });
    expect(plan).toMatchObject({ affected: { kind: 'unknown' }, asks: null, counted: [], read: [] });
  });
});

describe('a preview of which not everything is known', () => {
  const known = previewOfText(statementOf(UPDATE).facts);

  it('shows what the text says, and never zero for want of an answer', () => {
    expect(shownPreview(known, 7)).toMatchObject({
      takenAtMs: 7,
      tables: [{ ...ORDERS_NAME, rows: null, estimated: false, isWritten: true }],
      affected: { kind: 'unknown', why: 'The preview is not ready yet.' },
    });
  });

  it('keeps the estimate of every table but the one that was counted', () => {
    const tables = [
      { ...ORDERS_NAME, rows: 40, estimated: true, isWritten: true },
      { database: 'shop', table: 'notes', rows: 9, estimated: true, isWritten: false },
    ];
    expect(withCount(tables, ORDERS_NAME, 42)).toEqual([{ ...tables[0], rows: 42, estimated: false }, tables[1]]);
  });
});
