import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excerptOf, matchesIn } from './excerpt.js';

function marked(text: string, words: readonly string[]): readonly string[] {
  const { excerpt, match } = excerptOf(text, words);
  return match.map(([from, to]) => excerpt.slice(from, to));
}

describe('an excerpt', () => {
  it('is a short text itself, with what was searched for', () => {
    expect(excerptOf('SELECT total FROM orders', ['TOTAL', 'order'])).toEqual({
      excerpt: 'SELECT total FROM orders',
      excerptCut: { start: false, end: false },
      match: [
        [7, 12],
        [18, 23],
      ],
    });
  });

  it('is the part of a long text around the first word', () => {
    const text = `SELECT ${'a, '.repeat(400)} wanted FROM t WHERE ${'b AND '.repeat(400)} c`;
    const { excerpt, excerptCut } = excerptOf(text, ['wanted']);
    expect(excerptCut).toEqual({ start: true, end: true });
    expect(excerpt.length).toBeLessThanOrEqual(300);
    expect(marked(text, ['wanted'])).toEqual(['wanted']);
  });

  it('takes letters with accents and of either case for the same, and joins what meets', () => {
    expect(marked("SELECT 'Crème BRÛLÉE 発送済'", ['creme', 'brulee', '発送'])).toEqual(['Crème', 'BRÛLÉE', '発送']);
    expect(matchesIn('abcabc', ['abc', 'bca'])).toEqual([[0, 6]]);
    expect(matchesIn('100%_x', ['%_'])).toEqual([[3, 5]]);
  });

  it('has ranges within it, in order, that do not meet, whatever the text and the words are', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'B', 'é', '済', ' ', '\u{1f600}'), maxLength: 400 });
    const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'e', '済'), minLength: 1, maxLength: 3 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(text, words, (searched, sought) => {
        const { excerpt, match } = excerptOf(searched, sought);
        const bounds = match.flat();
        return (
          searched.includes(excerpt) &&
          bounds.every((bound, index) => bound > (bounds[index - 1] ?? -1)) &&
          (bounds.at(-1) ?? 0) <= excerpt.length
        );
      }),
    );
  });
});
