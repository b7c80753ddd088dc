import type { ApprovalId } from '../../../src/kernel/brand.js';
import type { StatementFacts } from '../../../src/protocols/sql/statement.js';
import type { StatementPreview } from '../../../src/protocols/sql/statement-preview.js';
import { TERMS, UPDATE_FACTS } from '../../support/approval-state.js';
import { HOSTILE_LINES } from '../../support/hostile-texts.js';
import type { Questions } from '../../support/questions.js';

/** A question as a test stores it, and what the page must say of it. */
export interface StoredQuestion {
  readonly name: string;
  readonly text: string;
  readonly facts: StatementFacts;
  readonly preview: StatementPreview | null;
  readonly task: { readonly taskTitle: string; readonly taskReference: string | null };
  readonly warning: string | null;
  readonly approvers?: readonly string[];
  readonly inTransaction?: boolean;
  readonly isSponsored?: boolean;
  /** The broker's sentence. */
  readonly headline: RegExp;
  /** How much, as the first screen says it. */
  readonly amount: RegExp;
}

const [ORDERS, ITEMS, AUDIT] = ['orders', 'items', 'audit'].map((table) => ({ database: 'shop', table }));

function factsOf(action: StatementFacts['action'], changed: Partial<StatementFacts> = {}): StatementFacts {
  return { ...UPDATE_FACTS, kind: action, action, tables: [tableOf(action)], ...changed };
}

function tableOf(action: string, table = 'orders'): StatementFacts['tables'][number] {
  const done =
    action === 'insert' || action === 'delete' || action === 'replace' || action === 'schema' ? action : 'update';
  return { database: 'shop', table, action: done, by: 'text' };
}

function counted(rows: number, total: number | null, changed: Partial<StatementPreview> = {}): StatementPreview {
  return {
    affected: { kind: 'exact', rows },
    canLimitRows: true,
    takenAtMs: Date.now(),
    tables: [{ ...place(ORDERS), rows: total, estimated: (total ?? 0) > 100_000, isWritten: true }],
    sample: {
      columns: ['id', 'customer_id', 'status', 'total'],
      rows: Array.from({ length: Math.min(rows, 4) }, (_, index) => [String(index + 1), '17', 'paid', '12.50']),
    },
    triggers: [],
    cascades: [],
    locks: null,
    ...changed,
  };
}

function place(name: { readonly database: string; readonly table: string } | undefined) {
  return name ?? { database: 'shop', table: 'orders' };
}

function uncounted(why: string): StatementPreview {
  return { ...counted(0, 8), affected: { kind: 'unknown', why }, sample: null };
}

const TASK = {
  taskTitle: 'Mark the parcels that left today as shipped',
  taskReference: 'https://tickets.example.com/browse/SHOP-4712',
};
const LONG = [
  'UPDATE orders',
  '   SET status = CASE id',
  ...Array.from({ length: 56 }, (_, index) => `       WHEN ${index + 1} THEN 'shipped-${index + 1}'`),
  '       END',
  ' WHERE id BETWEEN 1 AND 56',
].join('\n');

/** Twelve questions, each hard to read in a way of its own. */
export const STORED_QUESTIONS: readonly StoredQuestion[] = [
  {
    name: 'one row of a few',
    text: "UPDATE orders SET status = 'shipped' WHERE id = 1",
    facts: UPDATE_FACTS,
    preview: counted(1, 8),
    task: TASK,
    warning: null,
    headline: /UPDATE shop\.orders: 1 row of 8 changes \(exact/,
    amount: /1 row/,
  },
  {
    name: 'a statement of sixty lines',
    text: LONG,
    facts: UPDATE_FACTS,
    preview: counted(56, 1_204),
    task: TASK,
    warning: 'Orders are legal documents: look at the sample.',
    headline: /UPDATE shop\.orders: 56 rows of 1,204 change/,
    amount: /56 rows/,
  },
  {
    name: 'a whole large table',
    text: 'DELETE FROM orders',
    facts: factsOf('delete', { where: 'none' }),
    preview: counted(1_204_332, 1_204_332),
    task: { ...TASK, taskTitle: 'Tidy up' },
    warning: 'This table has no backup of today yet.',
    headline: /DELETE shop\.orders: all 1,204,332 rows/,
    amount: /Whole table/,
  },
  {
    name: 'a statement that nobody understands',
    text: 'FROBNICATE orders WITH EVERYTHING',
    facts: factsOf('unknown', {
      kind: 'unknown',
      tables: [],
      notUnderstood: 'FROBNICATE is no statement that is known',
    }),
    preview: uncounted('the statement was not understood'),
    task: TASK,
    warning: null,
    headline: /not understood: nobody can say what it does/,
    amount: /Not understood/,
  },
  {
    name: 'rows that nobody can count',
    text: 'UPDATE orders SET total = tax(total) WHERE discount(id) > 1',
    facts: factsOf('update', { unknownFunctions: [{ database: null, name: 'discount' }] }),
    preview: uncounted('its condition calls the stored function discount'),
    task: TASK,
    warning: null,
    headline: /UPDATE shop\.orders: nobody can know how many rows/,
    amount: /stored function discount/,
  },
  {
    name: 'a table that is dropped',
    text: 'DROP TABLE orders',
    facts: factsOf('schema', { kind: 'drop table', tables: [tableOf('schema')], where: 'none' }),
    preview: counted(8, 8, { canLimitRows: false, sample: null }),
    task: TASK,
    warning: 'Nobody brings a dropped table back.',
    headline: /DROP TABLE shop\.orders/,
    amount: /Cannot be undone/,
  },
  {
    name: 'a preview that is still being taken',
    text: 'UPDATE orders SET total = 0 WHERE customer_id = 17',
    facts: UPDATE_FACTS,
    preview: null,
    task: TASK,
    warning: null,
    headline: /UPDATE shop\.orders: the rows are still being counted/,
    amount: /still being counted/,
  },
  {
    name: 'hidden characters everywhere',
    text: "UPDATE orders SET status = 'a\u202Eb' /* \u200B */ WHERE id = 1",
    facts: UPDATE_FACTS,
    preview: counted(1, 8),
    task: {
      taskTitle: HOSTILE_LINES.map(({ text }) => text).find((text) => text.includes('\u202e')) ?? '',
      taskReference: 'javascript:alert(1)',
    },
    warning: null,
    headline: /1 row of 8 changes/,
    amount: /1 row/,
  },
  {
    name: 'triggers, cascades and locks',
    text: 'DELETE FROM orders WHERE id = 3',
    facts: factsOf('delete', {
      tables: [
        tableOf('delete'),
        { ...place(AUDIT), action: 'insert', by: 'trigger' },
        { ...place(ITEMS), action: 'delete', by: 'cascade' },
      ],
      triggers: ['shop.orders_gone'],
    }),
    preview: counted(1, 8, {
      triggers: ['shop.orders_gone'],
      cascades: ['shop.orders → shop.items ON DELETE CASCADE'],
      locks: { held: ['3 rows of shop.orders'], waiting: 2, waiters: ['session 12 for 4 s', 'session 14 for 1 s'] },
    }),
    task: TASK,
    warning: null,
    inTransaction: true,
    headline: /DELETE shop\.orders, shop\.audit and 1 table more: 1 row of 8 goes/,
    amount: /1 row/,
  },
  {
    name: 'a sponsor who is only claimed',
    text: "INSERT INTO orders (id, status) VALUES (9, 'new'), (10, 'new')",
    facts: factsOf('insert', { where: 'none' }),
    preview: counted(2, 8, { sample: null }),
    task: TASK,
    warning: null,
    isSponsored: true,
    headline: /INSERT shop\.orders: 2 rows are added/,
    amount: /2 rows/,
  },
  {
    name: 'two groups',
    text: "UPDATE orders SET status = 'void' WHERE id IN (6, 7)",
    facts: UPDATE_FACTS,
    preview: counted(2, 8),
    task: TASK,
    warning: 'Both groups must look.',
    approvers: ['dba', 'security'],
    headline: /2 rows of 8 change/,
    amount: /2 rows/,
  },
  {
    name: 'no row at all',
    text: 'DELETE FROM orders WHERE id = 4711',
    facts: factsOf('delete'),
    preview: counted(0, 8),
    task: { ...TASK, taskReference: null },
    warning: null,
    headline: /DELETE shop\.orders: 0 rows of 8 go/,
    amount: /0 rows/,
  },
];

/** Stores a question about a grant on the target, with its preview. */
export async function storeQuestion(questions: Questions, target: string, stored: StoredQuestion): Promise<ApprovalId> {
  const grant = await questions.activeGrant({
    ...stored.task,
    targetName: target,
    principalName: 'test-agent',
    ...(stored.isSponsored === true ? { sponsor: { name: 'ann@example.com', isClaim: true } } : {}),
  });
  const id = await questions.ask({
    grant,
    text: stored.text,
    facts: stored.facts,
    inTransaction: stored.inTransaction ?? false,
    terms: { ...TERMS, warning: stored.warning, approvers: stored.approvers ?? [] },
  });
  if (stored.preview !== null) await questions.desk.show(id, { ...stored.preview });
  return id;
}
