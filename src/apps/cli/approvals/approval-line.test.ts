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
      '01k0000000000000000000000a  pending    8 min     UPDATE shop.orders, shop.audit  3 rows change  bot on shop  UPDATE orders ⏎ SET total = ?',
    );
  });

  it('has one line of at most the width of the screen, whatever names and texts are', () => {
    const long = {
      ...approvalFixture,
      principal: { ...approvalFixture.principal, name: 'bot\n'.repeat(99) },
      headline: { ...approvalFixture.headline, verb: 'V\u001b['.repeat(99), place: 't\u001b[\n'.repeat(99) },
      excerpt: { ...excerpt, line: 'x\n'.repeat(900) },
    };
    expect(approvalLine(long, NOW_MS)).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(columnsIn(approvalLine(long, NOW_MS, 80))).toBeLessThanOrEqual(80);
  });

  it('hides no live SQL behind a leading comment, and none in a line comment', () => {
    const dialect = dialectOf({ flavour: 'mysql', version: '9.7.0', sqlMode: '' });
    const text = `/* ${'nothing to see here '.repeat(30)}*/ SELECT 1 -- a comment\n; DELETE FROM orders`;
    const line = approvalLine({ ...approvalFixture, excerpt: { ...excerpt, line: oneLine(text, dialect) } }, NOW_MS);
    expect(line).toContain('SELECT 1 ⟦-- a comment⟧ ⏎ ; DELETE FROM orders');
  });

  it('says that a statement was not understood, that its rows are not known, and that a grant is asked for', () => {
    const unknown = { ...approvalFixture.headline, verb: 'STATEMENT', amount: 'not understood' };
    const line = approvalLine({ ...approvalFixture, headline: unknown }, NOW_MS);
    expect(line).toContain('STATEMENT shop.orders, shop.audit  not understood  bot on shop');
    const silent = { ...approvalFixture.headline, amount: null };
    expect(approvalLine({ ...approvalFixture, headline: silent }, NOW_MS)).not.toContain('row');
    const grant = approvalLine(
      { ...approvalFixture, kind: 'grant', headline: { ...silent, verb: 'GRANT' }, excerpt: null },
      NOW_MS,
    );
    expect(grant).toContain('GRANT  bot on shop  Mend the orders');
  });
});
