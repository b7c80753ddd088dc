import { describe, expect, it } from 'vitest';
import { type DifferenceLine, lineDifference } from './line-difference.js';

const SIGNS = { same: ' ', added: '+', removed: '-' } as const;

function shown(before: string, after: string): readonly string[] {
  return lineDifference(before, after).map(({ kind, text }) => `${SIGNS[kind]}${text}`);
}

function textOf(lines: readonly DifferenceLine[], without: DifferenceLine['kind']): string {
  return lines
    .filter(({ kind }) => kind !== without)
    .map(({ text }) => text)
    .join('\n');
}

describe('the difference of two texts', () => {
  it('is their lines where they are one', () => {
    expect(shown('a\nb', 'a\nb')).toEqual([' a', ' b']);
    expect(shown('', '')).toEqual([]);
  });

  it('has what was removed, and what was added', () => {
    expect(shown('a\nb\nc', 'a\nx\nc\nd')).toEqual([' a', '-b', '+x', ' c', '+d']);
    expect(shown('', 'a')).toEqual(['+a']);
    expect(shown('a\nb', '')).toEqual(['-a', '-b']);
    expect(shown('one\ntwo\nthree', 'two\nthree\nfour')).toEqual(['-one', ' two', ' three', '+four']);
  });

  it('gives back both texts, whatever they are', () => {
    const words = ['a', 'b', 'c', ''];
    for (let seed = 1; seed < 200; seed += 1) {
      const pick = (salt: number) =>
        Array.from({ length: (seed * salt) % 9 }, (_, index) => words[(seed * salt + index * index) % 4] ?? '').join(
          '\n',
        );
      const [before, after] = [pick(3), pick(7)];
      const lines = lineDifference(before, after);
      expect([textOf(lines, 'added'), textOf(lines, 'removed')]).toEqual([before, after]);
    }
  });

  it('of texts that are long and share nothing takes no longer table than there is room for', () => {
    const [before, after] = ['x', 'y'].map((word) => Array.from({ length: 5_000 }, (_, n) => `${word}${n}`).join('\n'));
    const lines = lineDifference(before ?? '', after ?? '');
    expect(lines).toHaveLength(10_000);
  });
});
