import { expect, it } from 'vitest';
import { highlightedLines } from './highlighted.js';

const TEXT = "UPDATE t\nSET a = 'x⟨U+202E⟩' WHERE id = 1";

it('cuts a text into lines and into what looks alike, and loses nothing', () => {
  const lines = highlightedLines(TEXT, {
    tokens: [
      [0, 6, 'keyword'],
      [7, 8, 'table'],
      [17, 28, 'string'],
      [29, 34, 'keyword'],
    ],
    whereParts: [[29, TEXT.length]],
    isRead: true,
  });
  expect(lines.map((pieces) => pieces.map(({ text }) => text).join('')).join('\n')).toBe(TEXT);
  expect(lines[0]).toEqual([
    { text: 'UPDATE', kind: 'keyword', isWhere: false },
    { text: ' ', kind: undefined, isWhere: false },
    { text: 't', kind: 'table', isWhere: false },
  ]);
  expect(lines[1]?.filter(({ kind }) => kind === 'hidden')).toEqual([
    { text: '⟨U+202E⟩', kind: 'hidden', isWhere: false },
  ]);
  const condition = lines[1]?.filter(({ isWhere }) => isWhere).map(({ text }) => text);
  expect(condition?.join('')).toBe('WHERE id = 1');
});

it('marks hidden characters without a lexer too, and takes ranges beyond the end for nothing', () => {
  expect(highlightedLines('a⟨U+200B⟩b', null)[0]?.map(({ kind }) => kind)).toEqual([undefined, 'hidden', undefined]);
  const beyond = highlightedLines('ab', { tokens: [[1, 99, 'keyword']], whereParts: [], isRead: true });
  expect(beyond[0]?.map(({ text }) => text)).toEqual(['a', 'b']);
  expect(highlightedLines('', null)).toEqual([[]]);
});
