import { describe, expect, it } from 'vitest';
import { HOSTILE_TEXTS, UNSEEN_CHARACTERS } from '../../../../test/support/hostile-texts.js';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { shownLine, shownLines } from '../../../domain/visible-text.js';
import { leastMessage } from './approval-message.js';
import { APPROVAL_VIEW, askedOf } from '../../../contracts/approvals/approval.fixture.js';
import {
  buttonsOf,
  expectOwnMarkup,
  expectWithinLimits,
  message,
  ofType,
  OPTIONS,
  preformattedOf,
  wordsOf,
} from './read-message.fixture.js';

describe('the message of a question', () => {
  it('says who, what for, where, what, how much, why and until when', () => {
    const shown = message({ ...APPROVAL_VIEW, warning: 'Only in the morning.' });
    expect(shown.text).toBe('Approval needed: UPDATE on orders-db (prod)');
    const words = wordsOf(shown);
    for (const part of [
      'UPDATE shop.orders: 1 row of 8 changes (exact).',
      'bot',
      'ann',
      'Task: Mend the orders',
      'Reference: SHOP-7',
      'orders-db',
      'shop',
      'It changes rows.',
      'default#writes',
      'The policy warns: Only in the morning.',
      'Must approve: dba',
      'table: shop.orders: 8 rows, written',
      '<!date^1767226200^{date_short_pretty} {time_secs}|2026-01-01 00:10:00 UTC>',
    ]) {
      expect(words).toContain(part);
    }
    expect(preformattedOf(shown)).toEqual(['UPDATE orders SET total = 0 WHERE id = ?', 'value 1: LONG 5']);
    expectWithinLimits(shown);
    expectOwnMarkup(shown);
  });

  it('has buttons that name the approval and what was read of it', () => {
    const shown = message(APPROVAL_VIEW);
    expect(buttonsOf(shown)).toEqual(['approve', 'deny', 'shape', 'open']);
    const [actions] = ofType('actions', shown);
    expect(actions?.['block_id']).toBe(`dw:${APPROVAL_VIEW.id}:2`);
    const [approve, , , open] = ofType('button', shown);
    expect(approve).toMatchObject({
      text: { text: 'Approve (at most 1 row)' },
      value: `{"a":"${APPROVAL_VIEW.id}","r":2}`,
    });
    expect(approve).not.toHaveProperty('confirm');
    expect(open?.['url']).toBe(`https://broker.example/approvals/${APPROVAL_VIEW.id}`);
    expect(shown.metadata).toEqual({
      event_type: 'doorwarden_approval',
      event_payload: { approval: APPROVAL_VIEW.id, revision: 2 },
    });
  });

  it('asks once more where the policy warns', () => {
    const [approve] = ofType('button', message({ ...APPROVAL_VIEW, warning: 'Careful.' }));
    expect(approve?.['confirm']).toMatchObject({
      text: { type: 'plain_text', text: expect.stringContaining('UPDATE shop.orders: 1 row of 8 changes') },
    });
  });

  it.each<[string, Partial<ApprovalView>, string]>([
    ['that only people on the page may decide', { decideIn: 'web' }, 'signed in on the page'],
    ['that needs a sign-in of a short time ago', { reauthenticateSeconds: 900 }, 'a short time ago'],
    ['of a protocol that is not known', { statement: null, excerpt: null }, 'cannot show what is asked'],
  ])('of one %s has a link alone, and says why', (_, changed, why) => {
    const shown = message({ ...APPROVAL_VIEW, ...changed });
    expect(buttonsOf(shown)).toEqual(['open']);
    expect(wordsOf(shown)).toContain(why);
  });

  it('has no button for a shape that cannot be approved', () => {
    const shape = { possible: false, why: 'No.', text: null };
    const scopes = { rowLimit: { possible: true, why: null }, shape };
    expect(buttonsOf(message({ ...APPROVAL_VIEW, scopes }))).toEqual(['approve', 'deny', 'open']);
  });

  it('has rows of the target only where the operator says so', () => {
    expect(JSON.stringify(message(APPROVAL_VIEW))).not.toContain('PRIVATE-ROW');
    expect(preformattedOf(message(APPROVAL_VIEW, true))).toContain('id | total\n5 | PRIVATE-ROW');
    expect(JSON.stringify(message({ ...APPROVAL_VIEW, state: 'denied' }, true))).not.toContain('PRIVATE-ROW');
  });

  it('marks what nobody can count, what is not undone, a whole table, and what is not understood', () => {
    const dangers = ['irreversible', 'notUnderstood', 'unknownCount', 'wholeTable'] as const;
    const shown = message({ ...APPROVAL_VIEW, headline: { ...APPROVAL_VIEW.headline, dangers } });
    for (const words of ['Cannot be undone', 'Not understood', 'Unknown count', 'Whole table']) {
      expect(wordsOf(shown)).toContain(`⚠ ${words}`);
    }
    expect(ofType('button', shown)[0]).toHaveProperty('confirm');
  });

  it('says that rows are still being counted', () => {
    const headline = { ...APPROVAL_VIEW.headline, amount: null, isExact: false };
    const shown = message({ ...APPROVAL_VIEW, headline, preview: { state: 'pending' } });
    expect(wordsOf(shown)).toContain('UPDATE shop.orders: the rows are still being counted.');
  });
});

describe('a statement', () => {
  it.each([
    ['of 2,800 characters', 'x'.repeat(2_800), true],
    ['of one more', 'x'.repeat(2_801), false],
    ['of 40 lines', Array(40).fill('a').join('\n'), true],
    ['of 41', Array(41).fill('a').join('\n'), false],
    ['whose signs count more', '<'.repeat(701), false],
    ['of 100,000 characters', 'x'.repeat(100_000), false],
    ['of nothing to see', ' \n ', false],
  ])('%s is shown whole with buttons, or not at all with a link alone', (_, text, isWhole) => {
    const shown = message(askedOf(text));
    expectWithinLimits(shown);
    expect(buttonsOf(shown)).toEqual(isWhole ? ['approve', 'deny', 'shape', 'open'] : ['open']);
    if (isWhole) expect(preformattedOf(shown)).toEqual([text]);
    else expect(wordsOf(shown)).toContain('This is not all of it');
  });

  it('says that it is not whole, and shows no half of a character', () => {
    const shown = message(askedOf('😀'.repeat(3_000)));
    expect(wordsOf(shown)).toContain('*Not the whole statement: its first lines*');
    const [beginning = ''] = preformattedOf(shown);
    expect(beginning).toMatch(/^(😀)+$/u);
  });

  it('has its bound values counted with it, and all of them', () => {
    const withValues = (values: ApprovalView['digest']['values']) =>
      message({ ...APPROVAL_VIEW, digest: { ...APPROVAL_VIEW.digest, values } });
    expect(buttonsOf(withValues([['value 1', `BLOB ${'v'.repeat(2_800)}`]]))).toEqual(['open']);
    expect(
      buttonsOf(
        withValues([
          ['row 1', '1'],
          ['more', '2 more rows of values'],
        ]),
      ),
    ).toEqual(['open']);
    expect(
      preformattedOf(
        withValues([
          ['row 1', '1'],
          ['row 2', '2'],
        ]),
      ),
    ).toContain('row 1: 1\nrow 2: 2');
  });

  it.each([
    'a ``` b ``` c',
    '<!channel> <!here> <@U0123ABCD> <#C0123ABCD> <https://evil.example|approve>',
    '*bold* _it_ ~no~ `code` :tada: @here #general https://evil.example',
    '&lt;!channel&gt; &amp;',
    'UPDATE orders SET a = 1 -- \u202eEREHW ON',
  ])('reaches Slack as it is: %s', (text) => {
    const shown = message(askedOf(shownLines(text)));
    expect(preformattedOf(shown)).toEqual([shownLines(text)]);
    expectOwnMarkup(shown);
  });
});

describe.each(HOSTILE_TEXTS)('$name', ({ text }) => {
  it.each(['pending', 'approved', 'denied'] as const)('cannot speak in the words of the broker (%s)', (state) => {
    const line = shownLine(text);
    const shown = message(
      askedOf(shownLines(text), {
        state,
        headline: { ...APPROVAL_VIEW.headline, place: line },
        task: { title: line, reference: line },
        database: line,
        sponsor: { name: line, isClaim: true },
        why: line,
        warning: line,
        policies: [line],
        settledAt: state === 'pending' ? null : '2026-01-01T00:05:00.000Z',
        decisions: [
          {
            principal: 'ann',
            decision: 'deny',
            reason: line,
            scope: null,
            groups: [],
            decidedWith: null,
            at: '2026-01-01T00:05:00.000Z',
          },
        ],
      }),
      true,
    );
    expectWithinLimits(shown);
    expectOwnMarkup(shown);
    expect(shown.text).toMatch(/^(Approval needed|Approved|Denied): UPDATE on orders-db \(prod\)$/);
    expect(wordsOf(shown)).not.toMatch(UNSEEN_CHARACTERS);
  });
});

describe('a requested grant', () => {
  const headline = { verb: 'GRANT', place: 'orders-db', amount: 'for 30 min', isExact: false, dangers: [] };
  const access = [['access', 'SELECT, UPDATE on shop.orders']] as const;
  const digest = { values: [], operation: access, preview: [], sample: null };
  const request = { access: [], ttlSeconds: 1_800, newAccess: null, outlook: null };
  const asked: ApprovalView = {
    ...APPROVAL_VIEW,
    kind: 'grant',
    statement: null,
    excerpt: null,
    scopes: null,
    offeredScope: null,
    request,
    headline,
    digest,
    preview: { state: 'none' },
  };

  it('is shown with all of its access, and can be approved or denied', () => {
    const shown = message(asked);
    expect(shown.text).toBe('Approval needed: Access to orders-db (prod)');
    expect(wordsOf(shown)).toContain('Access to orders-db (prod) for 30 min.');
    expect(preformattedOf(shown)).toEqual(['SELECT, UPDATE on shop.orders']);
    expect(buttonsOf(shown)).toEqual(['approve', 'deny', 'open']);
  });

  it('of much access has a link alone', () => {
    const operation = Array.from({ length: 41 }, (_, at) => ['access', `SELECT on db${at}.*`] as const);
    const shown = message({ ...asked, digest: { ...digest, operation } });
    expect(buttonsOf(shown)).toEqual(['open']);
    expectWithinLimits(shown);
  });

  it('says that it is opened', () => {
    const shown = message({ ...asked, state: 'approved', settledAt: '2026-01-01T00:05:00.000Z', uses: 1 });
    expect(wordsOf(shown)).toContain('The grant is opened.');
    expect(buttonsOf(shown)).toEqual([]);
  });
});

describe('many long texts together', () => {
  it('never make a message that Slack refuses', () => {
    const long = 'w '.repeat(5_000);
    const shown = message(
      askedOf('x'.repeat(2_800), {
        why: long,
        warning: long,
        policies: [long],
        task: { title: long, reference: long },
        approvers: [long],
      }),
      true,
    );
    expectWithinLimits(shown);
    expectWithinLimits(leastMessage(askedOf('x'), OPTIONS));
  });
});
