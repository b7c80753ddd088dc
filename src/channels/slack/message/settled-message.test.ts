import { describe, expect, it } from 'vitest';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { APPROVAL_VIEW } from '../../../contracts/approvals/approval.fixture.js';
import { buttonsOf, expectOwnMarkup, message, partsIn, preformattedOf, wordsOf } from './read-message.fixture.js';
import { reminderText } from './reminder.js';

describe('the message of a settled question', () => {
  const at = '2026-01-01T00:05:00.000Z';
  const decision = { scope: null, groups: ['dba'], decidedWith: null, at };
  const approved: ApprovalView = {
    ...APPROVAL_VIEW,
    state: 'approved',
    settledAt: at,
    scope: { kind: 'once', rowsMax: 1 },
    decisions: [
      { ...decision, principal: 'ann', decision: 'approve', reason: null },
      { ...decision, principal: 'bob', decision: 'approve', reason: 'Fine.', groups: [] },
    ],
    uses: 1,
    usesMax: 1,
    ran: [{ operation: 7, at, outcome: 'ok', rows: null, changed: 1, tookUs: 4_000, error: null }],
  };

  it('has no buttons, all who decided, how far it reaches, what came of it, and the statement', () => {
    const shown = message(approved);
    expect(shown.text).toBe('Approved: UPDATE on orders-db (prod)');
    expect(buttonsOf(shown)).toEqual([]);
    const words = wordsOf(shown);
    for (const part of [
      'ann approved for dba',
      'bob approved: Fine.',
      'Scope: this one run, at most 1 row',
      'ran: 1 row',
    ]) {
      expect(words).toContain(part);
    }
    expect(preformattedOf(shown)[0]).toBe('UPDATE orders SET total = 0 WHERE id = ?');
    expect(partsIn(shown.blocks).find(({ type }) => type === 'link')).toMatchObject({
      url: `https://broker.example/approvals/${APPROVAL_VIEW.id}`,
    });
    expectOwnMarkup(shown);
  });

  it.each<[string, Partial<ApprovalView>, string]>([
    [
      'an error',
      {
        ran: [
          {
            operation: 7,
            at,
            outcome: 'error',
            rows: null,
            changed: null,
            tookUs: null,
            error: { code: '1205', state: 'HY000' },
          },
        ],
      },
      'failed: error 1205 HY000',
    ],
    [
      'no answer yet',
      { ran: [{ operation: 7, at, outcome: null, rows: null, changed: null, tookUs: null, error: null }] },
      'whether it ran is not known yet',
    ],
    ['a use that is not in the index yet', { ran: [] }, 'the statement went to the database'],
    ['no use', { ran: [], uses: 0 }, 'It was not used.'],
    [
      'two runs of a shape',
      { usesMax: 5, scope: { kind: 'shape', runsMax: 5, rowsMax: 3 } },
      'Scope: 5 runs of this shape, at most 3 rows each\nUsed 1 of 5 times',
    ],
  ])('tells of %s', (_, changed, words) => {
    expect(wordsOf(message({ ...approved, ...changed }))).toContain(words);
  });

  it.each([
    ['denied', 'Denied'],
    ['timed-out', 'Timed out'],
    ['cancelled', 'Cancelled'],
    ['withdrawn', 'Taken back'],
  ] as const)('says that it is %s', (state, words) => {
    const shown = message({ ...APPROVAL_VIEW, state, settledAt: at });
    expect(shown.text).toBe(`${words}: UPDATE on orders-db (prod)`);
    expect(buttonsOf(shown)).toEqual([]);
  });

  it('says who took an approval back, and why', () => {
    const withdrawals = [
      {
        principal: 'ann',
        reason: 'Wrong rows.',
        scope: null,
        decidedAt: at,
        decidedWith: null,
        at,
        withdrawnWith: 'session:link',
      },
    ];
    const shown = message({ ...APPROVAL_VIEW, state: 'withdrawn', settledAt: at, withdrawals });
    expect(wordsOf(shown)).toContain('ann approved and took it back: Wrong rows.');
  });
});

describe('a reminder', () => {
  it('mentions those of whom an answer is missing, and only usergroups that are set up', () => {
    const view = {
      ...APPROVAL_VIEW,
      approvers: ['dba', 'security', 'boss'],
      decisions: [
        {
          principal: 'ann',
          decision: 'approve' as const,
          reason: null,
          scope: null,
          groups: ['dba'],
          decidedWith: null,
          at: '2026-01-01T00:05:00.000Z',
        },
      ],
    };
    const usergroups = new Map([
      ['dba', 'S01'],
      ['security', 'S02'],
    ]);
    const { text, blocks } = reminderText(view, usergroups);
    expect(text).toBe('<!subteam^S02> Half of the time to decide is over.');
    expect(partsIn(blocks).filter(({ type }) => type === 'usergroup')).toEqual([
      { type: 'usergroup', usergroup_id: 'S02' },
    ]);
  });
});
