import { expect, it } from 'vitest';
import type { ApprovalSummaryView } from '../../contracts/approval.js';
import { csvOf } from './csv.js';

const ITEM: ApprovalSummaryView = {
  id: '01k0000000000000000000000a',
  kind: 'statement',
  state: 'denied',
  revision: 2,
  grant: '01k0000000000000000000000b',
  principal: { id: 'x', name: 'bot', kind: 'agent' },
  sponsor: null,
  target: 'shop',
  protocol: 'mysql',
  task: { title: '=HYPERLINK("http://evil")', reference: null },
  excerpt: { kind: 'update', action: 'update', affected: null, line: '', shown: 'UPDATE t\nSET a = "1"' },
  database: 'shop',
  inTransaction: false,
  why: 'It changes rows.',
  policies: ['default#hold'],
  warning: null,
  approvers: [],
  quorum: 1,
  decideIn: 'anywhere',
  reauthenticateSeconds: null,
  decisions: [
    {
      principal: 'ann',
      decision: 'deny',
      reason: 'wrong rows',
      scope: null,
      groups: [],
      decidedWith: null,
      at: '2026-01-01T00:00:01Z',
    },
  ],
  withdrawals: [],
  scope: null,
  uses: 0,
  usesMax: null,
  askedAt: '2026-01-01T00:00:00Z',
  expiresAt: '2026-01-01T00:10:00Z',
  settledAt: '2026-01-01T00:00:01Z',
  clientWaits: null,
  canDecide: { allowed: false, code: null, why: null },
  canWithdraw: { allowed: false, code: null, why: null },
};

it('writes a line for each approval, with quotes and line breaks kept, and no formula', () => {
  const [head, ...lines] = csvOf([ITEM]).split('\r\n');
  expect(head).toContain('"id","asked"');
  expect(lines.join('\r\n')).toContain('"UPDATE t\nSET a = ""1"""');
  expect(lines[0]).toContain(`"'=HYPERLINK(""http://evil"")"`);
  expect(lines[0]).toContain('"ann deny 2026-01-01T00:00:01Z wrong rows"');
});
