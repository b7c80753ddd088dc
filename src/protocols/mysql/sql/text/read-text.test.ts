import { describe, expect, it } from 'vitest';
import { dialectOf } from './dialect.js';
import { readText } from './read-text.js';

const dialect = dialectOf({ flavour: 'mariadb', version: '10.11.6', sqlMode: '' });
const read = (text: string, characterSet = 'utf8mb4') => {
  const found = readText(Buffer.from(text, 'latin1'), dialect, characterSet);
  return found === undefined ? undefined : [found.analysed.toString('utf8'), found.shown];
};

describe('a text with bytes that are no characters', () => {
  it.each([
    ["INSERT INTO f VALUES (_binary'\xff\\0\xfe\\'\\\\')", "(_binary'\uFFFD')", "(_binary x'ff00fe275c')"],
    ['SELECT "a\xff""b\\%"', '"\uFFFD"', "x'61ff22625c25'"],
    ["SELECT N'\xff'", "N'\uFFFD'", "_utf8mb3 x'ff'"],
    ["SELECT 'a\x00b', 'c'", "'\uFFFD', 'c'", "x'610062', 'c'"],
    ["SELECT 'd' /* \xc3\xa9 */, '\xc3'", "'d' /* é */, '\uFFFD'", "'d' /* é */, x'c3'"],
  ])('may have them in strings, which are shown in hexadecimal: %j', (text, analysed, shown) => {
    expect(read(text)).toEqual([expect.stringContaining(analysed), expect.stringContaining(shown)]);
  });

  it.each([
    'SELECT 1 AS `\xff`',
    'SELECT 1 AS \xff',
    'SELECT 1 /* \xff */',
    "SELECT 'a' -- \xff",
    'SELECT @`\xff`',
    "SELECT 'a\xff",
    "SELECT `a\x00b`, 'a'",
  ])('is not read where they stand elsewhere: %j', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it('is shown by the beginning, the length and the digest of a long value', () => {
    const [, shown = ''] = read(`SELECT '${'\xff'.repeat(10_000)}'`) ?? [];
    expect(shown).toMatch(/^SELECT x'(?:ff){4096}…' \(10000 bytes, SHA-256 [0-9a-f]{64}\)$/);
  });
});

describe('a text in a set of single bytes', () => {
  it.each([
    ['latin1', "UPDATE m\xfcller SET `gr\xf6\xdfe \xb1` = '\x80\xe9'", "UPDATE müller SET `größe ±` = '€é'"],
    ['cp1251', "SELECT '\xcf\xf0\xe8' AS \xe8\xec\xff", "SELECT 'При' AS имя"],
    ['latin1', "SELECT 'Ã\xa9'", "SELECT 'Ã©'"],
  ])('of %s is read by it', (characterSet, text, expected) => {
    expect(read(text, characterSet)).toEqual([expected, expected]);
  });

  it.each([
    ['latin1', 'SELECT\xa01', 'a space to the server, which the broker would take for a letter'],
    ['latin1', 'SELECT a\xb7b', 'a mark'],
    ['cp1251', 'SELECT `\x98`', 'no character'],
    ['ascii', 'SELECT a\xe9', 'no character'],
    ['binary', "SELECT `\xc3\xa9`, '\xc3'", 'bytes'],
    ['gbk', "SELECT '\xbf\\' OR 1=1 -- '", 'a quote that the server reads across'],
    ['swe7', "SELECT '\xff'", 'a set that is not read'],
  ])('of %s is not read where a byte beyond strings is no letter: %j', (characterSet, text) => {
    expect(read(text, characterSet)).toBeUndefined();
  });

  it('of binary shows every string beyond ASCII in hexadecimal', () => {
    expect(read("SELECT '\xc3\xa9', 'e'", 'binary')?.[1]).toBe("SELECT x'c3a9', 'e'");
  });
});
