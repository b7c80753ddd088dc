import { expect, it } from 'vitest';
import { keyIn } from './typed-key.js';

const KEY = `dw_abcdefgh_${'A'.repeat(43)}`;

it('a key is taken with the line break that a file ends with', () => {
  expect(keyIn(`${KEY}\n`)).toBe(KEY);
});

it.each([
  ['nothing', ' \n', 'There is no API key'],
  ['a token, which ends soon', 'eyJhbGciOiJFUzI1NiJ9.e30.x', 'DOORWARDEN_TOKEN_FILE'],
  ['a password', 'hunter2-secret', 'That is no API key'],
  ['two words', `${KEY} ${KEY}`, 'That is no API key'],
])('%s is refused, and not told', (_, text, why) => {
  expect(() => keyIn(text)).toThrow(why);
  expect(() => keyIn(text)).not.toThrow(/hunter2|eyJ/);
});
