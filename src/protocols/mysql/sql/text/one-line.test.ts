import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialectOf } from './dialect.js';
import { lex } from './lexer.js';
import { oneLine } from './one-line.js';

const MARIADB = dialectOf({ flavour: 'mariadb', version: '10.11.6-MariaDB', sqlMode: '' });
const MYSQL = dialectOf({ flavour: 'mysql', version: '9.7.0', sqlMode: '' });
const ODD_MODES = dialectOf({ flavour: 'mysql', version: '9.7.0', sqlMode: 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES' });

describe('a statement in one line', () => {
  it.each([
    [
      'a line break is a sign',
      'UPDATE orders\n  SET total = 0\r\n\r\n WHERE id = 1',
      'UPDATE orders ⏎ SET total = 0 ⏎ WHERE id = 1',
    ],
    [
      'what follows a line comment is seen to run',
      'SELECT 1 -- x\n; DELETE FROM t',
      'SELECT 1 ⟦-- x⟧ ⏎ ; DELETE FROM t',
    ],
    ['what stands in one is seen not to', 'SELECT 1 # DELETE FROM t', 'SELECT 1 ⟦# DELETE FROM t⟧'],
    ['a comment breaks lines too', '/* a\nb */SELECT 1', '⟦/* a⏎b */⟧SELECT 1'],
    ['a comment may end the text', 'DELETE FROM t /* all */', 'DELETE FROM t ⟦/* all */⟧'],
    ['comments in a row are one', '/* a */ -- b\n/* c */\nDELETE FROM t', '⟦/* a */ -- b⏎/* c */⟧ ⏎ DELETE FROM t'],
    ['what looks like a comment in a text is none', "SELECT '-- x', `/*`", "SELECT '-- x', `/*`"],
    ['a line break in a text is the same sign', "SELECT 'a\nb'", "SELECT 'a⏎b'"],
    ['hidden characters are written out', "SELECT '\u202e'", "SELECT '⟨U+202E⟩'"],
    [
      "the line's own signs cannot be imitated",
      "SELECT '⏎⟦x⟧⟨U+202E⟩'",
      "SELECT '⟨U+23CE⟩⟨U+27E6⟩x⟨U+27E7⟩⟨U+27E8⟩U+202E⟨U+27E9⟩'",
    ],
  ])('%s', (_, text, line) => {
    expect(oneLine(text, MARIADB)).toBe(line);
    expect(oneLine(text, MYSQL)).toBe(line);
  });

  it('a long comment or text leaves room for the rest', () => {
    const long = 'x'.repeat(9_000);
    expect(oneLine(`/* ${long} */ DELETE FROM t WHERE a = '${long}' AND b = 1`, MARIADB)).toBe(
      `⟦/* ${'x'.repeat(21)}…⟧ DELETE FROM t WHERE a = '${'x'.repeat(59)}…' AND b = 1`,
    );
    expect(oneLine(`SELECT ${'a, '.repeat(9_000)}b`, MARIADB)).toHaveLength(401);
  });

  it('reads quotes and backslashes as the session does', () => {
    const text = "SELECT '\\' -- ' , \" -- \"";
    expect(oneLine(text, MYSQL)).toBe("SELECT '\\' -- ' , \" -- \"");
    expect(oneLine(text, ODD_MODES)).toBe("SELECT '\\' ⟦-- ' , \" -- \"⟧");
  });

  it('an executable comment is one for the server that skips it, and runs for the one that runs it', () => {
    const text = 'SELECT 1 /*!80000 sql_no_cache */ FROM t';
    expect(oneLine(text, MYSQL)).toBe(text);
    expect(oneLine(text, MARIADB)).toBe('SELECT 1 ⟦/*!80000 sql_no_cache */⟧ FROM t');
  });

  it('counts all as running from where the text cannot be read', () => {
    expect(oneLine('SELECT 1 /* a */ ; \\ -- x\nDELETE', MYSQL)).toBe('SELECT 1 ⟦/* a */⟧ ; \\ -- x⏎DELETE');
    expect(oneLine("DELETE FROM t WHERE a = 'x -- y\n", MYSQL)).toBe("DELETE FROM t WHERE a = 'x -- y⏎");
  });

  it('shows outside of its brackets just what the server reads, whatever is put together', () => {
    const signs = ['⟦', '⟧', '⏎', '\u202e'];
    const pieces = [
      'SELECT',
      ' ',
      '\n',
      '-- c\n',
      '--',
      '# d\n',
      '/* e */',
      '/*',
      '*/',
      "'",
      "'f'",
      '"',
      '`g`',
      '\\',
      ';',
      '1',
      '/',
    ];
    const piece = constantFrom(...pieces, '/*!99999 ', 'sql_no_cache', ...signs);
    const dialects = constantFrom(MARIADB, { ...MYSQL, version: 80_000 }, { ...ODD_MODES, version: 80_000 });
    const withoutSpace = (text: string): string => text.replaceAll(/\s/g, '');
    assert(
      property(array(piece, { maxLength: 20 }), dialects, (chosen, dialect) => {
        const text = chosen.join('');
        const line = oneLine(text, dialect);
        expect(line).not.toMatch(/[\n\r]|\p{Cf}/u);
        const { tokens, refused } = lex(Buffer.from(text), dialect);
        if (refused !== null) return;
        const running = line.replaceAll(/⟦[^⟧]*⟧|⏎/g, '');
        const read = Array.from({ length: tokens.count }, (_, index) => tokens.source(index)).join('');
        const written = read.replaceAll(
          /[⟦⟧⏎\u202e]/gu,
          (sign) => `⟨U+${sign.codePointAt(0)?.toString(16).toUpperCase()}⟩`,
        );
        expect(withoutSpace(running)).toBe(withoutSpace(written));
      }),
      { numRuns: 2_000 },
    );
  });
});
