import { describe, expect, it } from 'vitest';
import { columnsIn, columnsOf, cutTo, pieces } from './screen-lines.js';

describe('the lines of a screen', () => {
  it('are cut where the screen ends, and nothing is lost', () => {
    expect(pieces('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
    expect(pieces('', 3)).toEqual(['']);
    expect(pieces('a\tb', 8)).toEqual(['a', '\t', 'b']);
  });

  it('count characters that may be wide as wide', () => {
    expect(columnsIn('ab漢字')).toBe(6);
    expect(pieces('漢字漢', 4)).toEqual(['漢字', '漢']);
    expect(pieces('漢', 1)).toEqual(['漢']);
  });

  it('that must be one are cut with a sign of it', () => {
    expect(cutTo('abcdef', 6)).toBe('abcdef');
    expect(cutTo('abcdefg', 6)).toBe('abcd…');
  });

  it('are as wide as the screen, where there is one', () => {
    expect(columnsOf({})).toBeUndefined();
    expect(columnsOf({ columns: 0 })).toBeUndefined();
    expect(columnsOf({ columns: 10 })).toBe(40);
    expect(columnsOf({ columns: 200 })).toBe(200);
  });
});
