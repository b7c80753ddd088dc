import { expect, it } from 'vitest';
import { HOSTILE_NAMES } from '../../../../test/support/names.js';
import { patternFits } from './database-pattern.js';
import { quoteDatabasePattern } from './sql-quote.js';

/** What the server stores of `ON pattern.*`: the text between the backticks. */
function patternOf(database: string): string {
  return quoteDatabasePattern(database).slice(1, -1).replaceAll('``', '`');
}

it.each(HOSTILE_NAMES)('the pattern that the broker writes for %j fits it, and no other name of the list', (name) => {
  expect(HOSTILE_NAMES.filter((other) => patternFits(patternOf(name), other))).toEqual([name]);
});

it.each([
  ['my-shop', 'my-shop', true],
  ['my-shop', 'my+shop', false],
  ['my%', 'my-shop', true],
  ['my%', 'your-shop', false],
  ['%', '-', true],
  ['a_c', 'a-c', true],
  ['a_c', 'a--c', false],
  ['a_c', 'a😀c', true],
  [String.raw`a\_c`, 'a_c', true],
  [String.raw`a\_c`, 'a-c', false],
  [String.raw`100\%`, '100%', true],
  [String.raw`100\%`, '100 of them', false],
  [String.raw`a\\c`, String.raw`a\c`, true],
  [String.raw`a\-c`, 'a-c', true],
  ['a\\', 'a\\', true],
  ['a.c', 'abc', false],
  ['a|b', 'a', false],
  ['[a]', 'a', false],
  ['Shop', 'shop', false],
])('%j on %j: %s', (pattern, database, fits) => {
  expect(patternFits(pattern, database)).toBe(fits);
});
