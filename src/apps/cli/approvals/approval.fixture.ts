import { APPROVAL_VIEW } from '../../../contracts/approvals/approval.fixture.js';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';

const TABLES = [
  { database: 'shop', table: 'orders', action: 'update', by: 'text' },
  { database: 'shop', table: 'audit', action: 'insert', by: 'trigger' },
];
const TEXT = 'UPDATE orders\nSET total = ?';
const SAMPLE = {
  columns: ['id', 'total'],
  rows: [
    ['1', '10'],
    ['2', null],
  ],
};

/** An approval with all that a terminal shows: an UPDATE of every row, which two of the group dba must approve. */
export const approvalFixture: ApprovalView = {
  ...APPROVAL_VIEW,
  sponsor: null,
  target: 'shop',
  headline: { verb: 'UPDATE', place: 'shop.orders, shop.audit', amount: '3 rows change', isExact: true, dangers: [] },
  excerpt: {
    kind: 'update',
    action: 'update',
    tables: TABLES,
    tablesMore: 0,
    affected: { kind: 'exact', rows: 3 },
    line: 'UPDATE orders ⏎ SET total = ?',
    shown: TEXT,
  },
  inTransaction: true,
  warning: 'This may change every row.',
  quorum: 2,
  decisions: [
    {
      principal: 'ann',
      decision: 'approve',
      reason: 'fine',
      scope: null,
      groups: [],
      decidedWith: null,
      at: '2026-01-01T00:00:01.000Z',
    },
  ],
  canDecide: { allowed: true, code: null, why: null },
  canWithdraw: { allowed: false, code: 'approval_not_given_by_you', why: null },
  scopes: null,
  statement: {
    session: 1,
    number: 7,
    text: TEXT,
    shown: TEXT,
    values: [{ type: 'LONG', value: 5, shown: '5' }],
    bulk: null,
    facts: {
      kind: 'update',
      action: 'update',
      statements: 1,
      tables: TABLES,
      functions: [],
      unknownFunctions: [{ database: 'shop', name: 'mystery' }],
      where: 'none',
      hasLimit: false,
      flags: [],
      triggers: ['shop.orders_audit'],
      notUnderstood: null,
    },
    policyVersion: 'v1',
    context: null,
    highlight: null,
  },
  preview: {
    state: 'ready',
    takenAt: '2026-01-01T00:00:00.500Z',
    tables: [{ database: 'shop', table: 'orders', rows: 3, estimated: false, isWritten: true }],
    affected: { kind: 'exact', rows: 3 },
    sample: { ...SAMPLE, changed: [], after: [null, null] },
    assigned: null,
    triggers: ['shop.orders_audit'],
    cascades: ['shop.orders → shop.notes ON DELETE CASCADE'],
    locks: { held: ['2 rows of shop.orders'], waiting: 1, waiters: ['app@10.0.0.5 (thread 7) for 3 s'] },
  },
  digest: {
    values: [['value 1', 'LONG 5']],
    operation: [
      ['does', 'update, no WHERE'],
      ['touches', 'update shop.orders'],
      ['touches', 'insert shop.audit (by trigger)'],
      ['runs code', 'shop.mystery'],
    ],
    preview: [
      ['table', 'shop.orders: 3 rows, written'],
      ['trigger', 'shop.orders_audit'],
      ['cascade', 'shop.orders → shop.notes ON DELETE CASCADE'],
      ['holds', '2 rows of shop.orders'],
      ['waiting', '1 other waits for its locks: app@10.0.0.5 (thread 7) for 3 s'],
    ],
    sample: SAMPLE,
  },
  offeredScope: { kind: 'once', rowsMax: 3 },
};
