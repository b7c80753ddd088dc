import { describe, expect, it } from 'vitest';
import { announcedCollationId, characterSetOf, isCharacterSetAllowed } from './charsets.js';

describe('the character set of a collation id', () => {
  it.each([
    [8, 'latin1'],
    [33, 'utf8mb3'],
    [45, 'utf8mb4'],
    [46, 'utf8mb4'],
    [63, 'binary'],
    [224, 'utf8mb4'],
    [247, 'utf8mb4'],
    [250, 'gb18030'],
    [255, 'utf8mb4'],
    [309, 'utf8mb4'],
    [1069, 'utf8mb4'],
    [2304, 'utf8mb4'],
  ])('%i is of %s', (collationId, characterSet) => {
    expect(characterSetOf(collationId)).toBe(characterSet);
  });

  it.each([0, 17, 251, 254, 1024, 5000])('%i is of none that is known', (collationId) => {
    expect(characterSetOf(collationId)).toBeUndefined();
  });
});

const ALLOWED = `ascii binary cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 dec8 geostd8 greek hebrew hp8 keybcs2 koi8r
  koi8u latin1 latin2 latin5 latin7 macce macroman tis620 utf8mb3 utf8mb4`.split(/\s+/);

describe('a login', () => {
  it('may name only character sets in which ASCII bytes are ASCII', () => {
    const allowed = new Set<string>();
    for (let collationId = 0; collationId < 256; collationId += 1) {
      if (isCharacterSetAllowed(collationId)) allowed.add(characterSetOf(collationId) ?? 'unknown');
    }
    expect([...allowed].toSorted()).toEqual(ALLOWED);
  });

  it.each([
    ['big5', 1],
    ['sjis', 13],
    ['gbk', 28],
    ['gb2312', 24],
    ['euckr', 19],
    ['cp932', 95],
    ['gb18030', 248],
    ['ucs2', 35],
    ['utf16', 54],
    ['utf32', 60],
    ['none', 0],
  ])('may not name %s', (_, collationId) => {
    expect(isCharacterSetAllowed(collationId)).toBe(false);
  });

  it('finds a collation announced that it may take over', () => {
    expect(announcedCollationId(8)).toBe(8);
    expect(announcedCollationId(0)).toBe(45);
    expect(announcedCollationId(28)).toBe(45);
  });
});
