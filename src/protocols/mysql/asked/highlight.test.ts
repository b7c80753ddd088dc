import { describe, expect, it } from 'vitest';
import { shownLines } from '../../../domain/visible-text.js';
import { PLAIN_SQL_MODE } from '../sql/text/dialect.js';
import { highlight, RANGES_MAX } from './highlight.js';

const DIALECT = { flavour: 'mariadb', version: 101_119, sqlMode: PLAIN_SQL_MODE } as const;

/** The ranges as `kind:text`, cut out of what people are shown. */
function rangesOf(text: string, tables: readonly string[] = ['orders']): readonly string[] {
  const shown = shownLines(text);
  return highlight(text, DIALECT, tables).tokens.map(([start, end, kind]) => `${kind}:${shown.slice(start, end)}`);
}

function whereOf(text: string): readonly string[] {
  const shown = shownLines(text);
  return highlight(text, DIALECT, []).whereParts.map(([start, end]) => shown.slice(start, end));
}

describe('the ranges of a statement', () => {
  it('are keywords, tables, literals and comments, in order', () => {
    expect(rangesOf("UPDATE shop.`orders` SET note = 'a', n = 5 WHERE id = 0x1f -- why")).toEqual([
      'keyword:UPDATE',
      'table:shop',
      'table:`orders`',
      'keyword:SET',
      "string:'a'",
      'number:5',
      'keyword:WHERE',
      'number:0x1f',
      'comment:-- why',
    ]);
  });

  it('mark a table where tables are listed and before a dot, and not a column of its name', () => {
    expect(rangesOf('SELECT orders, orders.id FROM a JOIN orders ON orders.id = a.id WHERE orders = 1')).toEqual([
      'keyword:SELECT',
      'table:orders',
      'keyword:FROM',
      'keyword:JOIN',
      'table:orders',
      'keyword:ON',
      'table:orders',
      'keyword:WHERE',
      'number:1',
    ]);
    expect(rangesOf('INSERT INTO orders (orders) SELECT 1 FROM (SELECT 1 FROM orders) t')).toEqual(
      expect.arrayContaining(['table:orders']),
    );
  });

  it('stand where people read them: hidden characters are ranges of their own, also within others', () => {
    expect(rangesOf("UPDATE orders SET note = '\u202eevil😀' /* \u200b */ WHERE id = 1")).toEqual([
      'keyword:UPDATE',
      'table:orders',
      'keyword:SET',
      "string:'",
      'hidden:⟨U+202E⟩',
      "string:evil😀'",
      'comment:/* ',
      'hidden:⟨U+200B⟩',
      'comment: */',
      'keyword:WHERE',
      'number:1',
    ]);
  });

  it('never overlap, whatever the text is, and cover every hidden character', () => {
    const texts = ["'\u00a0", 'SELECT\u00a01', '\u202e', "'a' \u0000", '/* \u200b', "UPDATE orders SET a = '⟨U+202E⟩'"];
    for (const text of texts) {
      const { tokens } = highlight(text, DIALECT, ['orders']);
      let last = 0;
      for (const [start, end] of tokens) {
        expect(start).toBeGreaterThanOrEqual(last);
        expect(end).toBeGreaterThan(start);
        last = end;
      }
      expect(last).toBeLessThanOrEqual(shownLines(text).length);
      const hidden = Array.from(text).filter((character) => '\u00a0\u202e\u0000\u200b'.includes(character)).length;
      expect(tokens.filter(([, , kind]) => kind === 'hidden')).toHaveLength(hidden);
    }
  });

  it('end where the lexer cannot read on, and where there are too many of them', () => {
    expect(highlight("SELECT 'open", DIALECT, []).isRead).toBe(false);
    expect(highlight('SELECT 1', DIALECT, []).isRead).toBe(true);
    const many = highlight(`SELECT ${'1,'.repeat(RANGES_MAX + 10)}1`, DIALECT, []);
    expect([many.isRead, many.tokens.length]).toEqual([false, RANGES_MAX]);
  });
});

it('the parts of WHERE go to the end of the condition, also in a sub-query', () => {
  expect(whereOf('DELETE FROM t WHERE id IN (SELECT id FROM u WHERE n > 1 ORDER BY n) ORDER BY id LIMIT 1')).toEqual([
    'WHERE id IN (SELECT id FROM u WHERE n > 1 ORDER BY n)',
    'WHERE n > 1',
  ]);
  expect(whereOf("UPDATE t SET a = '\u202e' WHERE id = 1")).toEqual(['WHERE id = 1']);
  expect(whereOf('UPDATE t SET a = 1')).toEqual([]);
});
