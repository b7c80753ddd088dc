import type { ApprovalView } from './approval.js';

/** An approval as the API shows it to somebody who does not decide: an UPDATE of one row, which somebody of the group dba must approve. */
export const APPROVAL_VIEW: ApprovalView = {
  id: '01k0000000000000000000000a',
  kind: 'statement',
  state: 'pending',
  revision: 2,
  grant: '01k0000000000000000000000b',
  principal: { id: '01k0000000000000000000000c', name: 'bot', kind: 'agent' },
  sponsor: { name: 'ann', isClaim: false },
  target: 'orders-db',
  protocol: 'mysql',
  task: { title: 'Mend the orders', reference: 'SHOP-7' },
  headline: { verb: 'UPDATE', place: 'shop.orders', amount: '1 row of 8 changes', isExact: true, dangers: [] },
  excerpt: {
    kind: 'update',
    action: 'update',
    affected: { kind: 'exact', rows: 1 },
    line: 'UPDATE orders SET total = 0 WHERE id = ?',
    shown: 'UPDATE orders SET total = 0 WHERE id = ?',
  },
  database: 'shop',
  inTransaction: false,
  why: 'It changes rows.',
  policies: ['default#writes'],
  warning: null,
  approvers: ['dba'],
  quorum: 1,
  decideIn: 'anywhere',
  reauthenticateSeconds: null,
  slackChannels: [],
  decisions: [],
  withdrawals: [],
  scope: null,
  uses: 0,
  usesMax: null,
  askedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T00:10:00.000Z',
  settledAt: null,
  clientWaits: true,
  groupMembers: [],
  signIn: null,
  newKeys: [],
  canDecide: { allowed: false, code: null, why: null },
  canWithdraw: { allowed: false, code: null, why: null },
  scopes: {
    rowLimit: { possible: true, why: null },
    shape: { possible: true, why: null, text: 'UPDATE orders SET total = ? WHERE id = ?' },
  },
  ran: [],
  targetLabels: { env: 'prod' },
  told: [],
  earlier: { items: [], more: false, difference: null },
  policyTexts: null,
  statement: {
    session: 1,
    number: 7,
    text: 'UPDATE orders SET total = 0 WHERE id = ?',
    shown: 'UPDATE orders SET total = 0 WHERE id = ?',
    policyVersion: 'v1',
    context: null,
  },
  request: null,
  preview: {
    state: 'ready',
    takenAt: '2026-01-01T00:00:00.500Z',
    affected: { kind: 'exact', rows: 1 },
  },
  digest: {
    values: [['value 1', 'LONG 5']],
    operation: [['does', 'update, WHERE names a column']],
    preview: [['table', 'shop.orders: 8 rows, written']],
    sample: { columns: ['id', 'total'], rows: [['5', 'PRIVATE-ROW']] },
  },
  offeredScope: { kind: 'once', rowsMax: 1 },
};

/** The same with another statement. */
export function askedOf(text: string, changed: Partial<ApprovalView> = {}): ApprovalView {
  const statement = APPROVAL_VIEW.statement && { ...APPROVAL_VIEW.statement, text, shown: text };
  return { ...APPROVAL_VIEW, statement, digest: { ...APPROVAL_VIEW.digest, values: [] }, ...changed };
}
