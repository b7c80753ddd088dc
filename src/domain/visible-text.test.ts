import { expect, it } from 'vitest';
import { shownJson, shownLine, shownLines } from './visible-text.js';

it.each([
  ['a right-to-left override', 'UPDATE t \u202e1 = di EREHW', 'UPDATE t ⟨U+202E⟩1 = di EREHW'],
  ['an isolate', 'a\u2066b\u2069', 'a⟨U+2066⟩b⟨U+2069⟩'],
  ['a zero-width space', 'sel\u200bect', 'sel⟨U+200B⟩ect'],
  ['a byte order mark', '\ufeffSELECT', '⟨U+FEFF⟩SELECT'],
  ['a no-break space', 'WHERE\u00a0id', 'WHERE⟨U+00A0⟩id'],
  ['an ideographic space', 'a\u3000b', 'a⟨U+3000⟩b'],
  ['a Hangul filler', 'a\u3164b', 'a⟨U+3164⟩b'],
  ['a blank braille pattern', 'a\u2800b', 'a⟨U+2800⟩b'],
  ['an escape sequence', '\u001b[2Jsafe', '⟨U+001B⟩[2Jsafe'],
  ['a C1 control', '\u009b2J', '⟨U+009B⟩2J'],
  ['a lone carriage return', 'DROP TABLE t\rSELECT 1    ', 'DROP TABLE t⟨U+000D⟩SELECT 1    '],
  ['a line separator', 'a\u2028b', 'a⟨U+2028⟩b'],
  ['a lone surrogate', 'a\ud800b', 'a⟨U+D800⟩b'],
  ['a tag character', 'a\u{e0041}b', 'a⟨U+E0041⟩b'],
  ['a zero byte', 'a\0b', 'a⟨U+0000⟩b'],
])('%s is written out', (_, text, shown) => {
  expect(shownLines(text)).toBe(shown);
  expect(shownLine(text)).toBe(shown);
});

it('what people write stays as it is', () => {
  const text = "SELECT 'Grüße, 世界, привет, 🎉' FROM `t` -- ok";
  expect(shownLines(text)).toBe(text);
  expect(shownLine(text)).toBe(text);
});

it('line breaks and tabs stay where lines are shown, and only there', () => {
  expect(shownLines('a\n\tb')).toBe('a\n\tb');
  expect(shownLine('a\n\tb')).toBe('a⟨U+000A⟩⟨U+0009⟩b');
});

it('JSON means the same afterwards', () => {
  const value = { a: 'x\u202e\u{e0041}y\u200b\u00a0 z' };
  const json = shownJson(JSON.stringify(value));
  expect(json).toBe('{"a":"x\\u202e\\udb40\\udc41y\\u200b\\u00a0 z"}');
  expect(JSON.parse(json)).toEqual(value);
});
