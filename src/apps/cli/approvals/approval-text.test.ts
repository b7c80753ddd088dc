import { describe, expect, it } from 'vitest';
import type { PreviewView } from '../../../contracts/approvals/approval.js';
import { approvalFixture } from './approval.fixture.js';
import { approvalText } from './approval-text.js';
import { columnsIn } from '../terminal/screen-lines.js';

const NOW_MS = Date.parse('2026-01-01T00:02:00Z');
const { statement } = approvalFixture;

describe('the screen of an approval', () => {
  it('has everything that is needed to decide', () => {
    expect(approvalText(approvalFixture, NOW_MS)).toMatchInlineSnapshot(`
      "approval     01k0000000000000000000000a, pending, 8 min left, revision 2
      asked by     bot (agent)
      task         Mend the orders (SHOP-7)
      target       shop, database shop
      grant        01k0000000000000000000000b
      client       waits: the statement runs as soon as it is approved
      transaction  is open: it keeps its locks while this waits
      why          It changes rows.
      WARNING      This may change every row.
      policies     default#writes
      needs        2 people, and one of each of dba

        │ UPDATE orders
        │ SET total = ?

      value 1      LONG 5
      does         update, no WHERE
      touches      update shop.orders
      touches      insert shop.audit (by trigger)
      runs code    shop.mystery
      preview      exactly 3 rows match (at 2026-01-01T00:00:00.500Z)
      table        shop.orders: 3 rows, written
      trigger      shop.orders_audit
      cascade      shop.orders → shop.notes ON DELETE CASCADE
      holds        2 rows of shop.orders
      waiting      1 other waits for its locks: app@10.0.0.5 (thread 7) for 3 s
      +----+-------+
      | id | total |
      +----+-------+
      | 1  | 10    |
      | 2  | NULL  |
      +----+-------+
      decision     ann approved at 2026-01-01T00:00:01.000Z: fine
      you          can decide"
    `);
  });

  it('says who answers for the agent, marks a claim, and says how those who decide must be known', () => {
    const sponsored = { ...approvalFixture, sponsor: { name: 'ann@example.com\u202e', isClaim: true } };
    const shown = approvalText({ ...sponsored, decideIn: 'web', reauthenticateSeconds: 900 }, NOW_MS, 200);
    expect(shown).toContain('\nsponsor      ann@example.com⟨U+202E⟩ (as its token claims)\n');
    expect(shown).toContain('\ndecided      on the web page only, by people who signed in at most 15 min ago\n');
    const set = approvalText({ ...approvalFixture, sponsor: { name: 'ann', isClaim: false } }, NOW_MS);
    expect(set).toContain('\nsponsor      ann\n');
    expect(set).not.toContain('decided ');
    expect(approvalText({ ...approvalFixture, reauthenticateSeconds: 90 }, NOW_MS)).toContain('at most 90 s ago');
  });

  it('never shows what could not be counted as nothing', () => {
    const { preview } = approvalFixture;
    if (preview.state !== 'ready') throw new Error('The fixture has a preview');
    const unknown: PreviewView = { ...preview, affected: { kind: 'unknown', why: 'it took too long' } };
    expect(approvalText({ ...approvalFixture, preview: unknown }, NOW_MS)).toContain(
      'cannot be known: it took too long',
    );
    expect(approvalText({ ...approvalFixture, preview: { state: 'pending' } }, NOW_MS)).toContain('not there yet');
  });

  it('lets no text of others pass for a line of its own, or speak to the terminal', () => {
    if (statement === null) throw new Error('The fixture has a statement');
    const shown = 'SELECT 1\nyou          can decide\n\u001b[2J\u202e';
    const text = approvalText(
      {
        ...approvalFixture,
        task: { title: 'Mend\nyou          can decide\u001b[1A', reference: null },
        canDecide: { allowed: false, code: 'approval_of_own_request', why: 'You cannot decide on your own request.' },
        statement: { ...statement, shown },
      },
      NOW_MS,
    );
    expect(text.split('\n').filter((line) => line.startsWith('you'))).toEqual([
      'you          cannot decide: You cannot decide on your own request.',
    ]);
    expect(text).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u);
  });

  it('is nowhere wider than the screen, so that no wrapped text begins a line', () => {
    if (statement === null) throw new Error('The fixture has a statement');
    const spoof = (padding: number) => `${' '.repeat(padding)}you          can decide`;
    for (const columns of [40, 80, 132]) {
      const text = approvalText(
        {
          ...approvalFixture,
          task: { title: `Mend${spoof(columns - 17)}`, reference: null },
          why: `漢${spoof(columns)}`,
          canDecide: { allowed: false, code: 'approval_of_own_request', why: 'no' },
          statement: { ...statement, shown: `SELECT 1 /*${spoof(columns - 15)}\t${spoof(9)}*/` },
          digest: {
            ...approvalFixture.digest,
            sample: {
              columns: ['note', 'x'],
              rows: [
                [spoof(columns), null],
                [`漢${'y'.repeat(300)}`, '2'],
              ],
            },
          },
        },
        NOW_MS,
        columns,
      ).split('\n');
      expect(text.filter((line) => columnsIn(line) > columns)).toEqual([]);
      expect(text.filter((line) => /^(you|row|preview|WARNING)/.test(line) && line.includes('can decide'))).toEqual([]);
      expect(text.filter((line) => line.startsWith('you'))).toEqual(['you          cannot decide: no']);
    }
  });

  it('shows the sample value by value where it is too wide for a table', () => {
    const sample = {
      columns: ['id', 'note'],
      rows: [
        ['1', 'x'.repeat(50)],
        ['2', null],
      ],
    };
    const text = approvalText({ ...approvalFixture, digest: { ...approvalFixture.digest, sample } }, NOW_MS, 50);
    expect(text).toContain('row 1        id = 1\n             note = xxx');
    expect(text).toContain('row 2        id = 2\n             note = NULL');
  });

  it('of a requested grant says what is asked for', () => {
    const text = approvalText(
      {
        ...approvalFixture,
        kind: 'grant',
        excerpt: null,
        statement: null,
        preview: { state: 'none' },
        digest: { values: [], operation: [['access', 'SELECT, UPDATE on shop.orders']], preview: [], sample: null },
        request: {
          access: [{ database: 'shop', tables: ['orders'], privileges: ['SELECT', 'UPDATE'] }],
          ttlSeconds: 600,
          newAccess: null,
          outlook: null,
        },
      },
      NOW_MS,
    );
    expect(text).toContain('SELECT, UPDATE on shop.orders');
    expect(text).toContain('600 s from the approval on');
  });

  it('says by which key a decision was made, and warns of keys that others made', () => {
    const text = approvalText(
      {
        ...approvalFixture,
        decisions: approvalFixture.decisions.map((decision) => ({ ...decision, decidedWith: 'api-key:abcdefgh' })),
        newKeys: [{ id: 'aaaabbbb', label: 'CI', madeBy: 'mallory', createdAt: '2026-01-01T00:00:00.000Z' }],
      },
      0,
      200,
    );
    expect(text).toContain('ann approved with api-key:abcdefgh at');
    expect(text).toContain('Your key aaaabbbb (CI) was made by mallory at 2026-01-01T00:00:00.000Z.');
  });
});
