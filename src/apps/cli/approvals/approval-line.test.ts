import { describe, expect, it } from 'vitest';
import { dialectOf } from '../../../protocols/mysql/sql/text/dialect.js';
import { oneLine } from '../../../protocols/mysql/sql/text/one-line.js';
import { approvalFixture } from './approval.fixture.js';
import { approvalLine } from './approval-line.js';
import { columnsIn } from '../terminal/screen-lines.js';

const NOW_MS = Date.parse('2026-01-01T00:02:00Z');
const { excerpt } = approvalFixture;
if (excerpt === null) throw new Error('The fixture is of a statement');

describe('the list view of approvals', () => {
  it('shows verb, tables and row count first, then the text with its line breaks as a sign', () => {
    expect(approvalLine(approvalFixture, NOW_MS)).toBe(
      '01k0000000000000000000000a  pending    8 min     UPDATE shop.orders, shop.audit (trigger)  3 rows  bot on shop  UPDATE orders ⏎ SET total = ?',
    );
  });

  it('has one line of at most the width of the screen, whatever names and texts are', () => {
    const table = { database: 'd\n'.repeat(64), table: 't\u001b['.repeat(64), action: 'update', by: 'text' } as const;
    const long = {
      ...approvalFixture,
      principal: { ...approvalFixture.principal, name: 'bot\n'.repeat(99) },
      excerpt: { ...excerpt, tables: Array.from({ length: 10 }, () => table), tablesMore: 90, line: 'x\n'.repeat(900) },
    };
    expect(approvalLine(long, NOW_MS)).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(approvalLine(long, NOW_MS)).toContain(', 97 more  ');
    expect(columnsIn(approvalLine(long, NOW_MS, 80))).toBeLessThanOrEqual(80);
  });

  it('hides no live SQL behind a leading comment, and none in a line comment', () => {
    const dialect = dialectOf({ flavour: 'mysql', version: '9.7.0', sqlMode: '' });
    const text = `/* ${'nothing to see here '.repeat(30)}*/ SELECT 1 -- a comment\n; DELETE FROM orders`;
    const line = approvalLine({ ...approvalFixture, excerpt: { ...excerpt, line: oneLine(text, dialect) } }, NOW_MS);
    expect(line).toContain('SELECT 1 ⟦-- a comment⟧ ⏎ ; DELETE FROM orders');
  });

  it('says that a statement was not understood, that its rows are not known, and that a grant is asked for', () => {
    const unknown = { ...excerpt, action: 'unknown', affected: { kind: 'unknown', why: 'because' } } as const;
    const line = approvalLine({ ...approvalFixture, excerpt: unknown }, NOW_MS);
    expect(line).toContain('NOT UNDERSTOOD (UPDATE) shop.orders, shop.audit (trigger)  rows not known  bot on shop');
    expect(approvalLine({ ...approvalFixture, excerpt: { ...excerpt, affected: null } }, NOW_MS)).not.toContain('row');
    const grant = approvalLine({ ...approvalFixture, kind: 'grant', excerpt: null }, NOW_MS);
    expect(grant).toContain('GRANT  bot on shop  Mend the orders');
  });
});
