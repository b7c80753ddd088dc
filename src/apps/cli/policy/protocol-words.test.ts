import { expect, it } from 'vitest';
import { wordsOf } from './protocol-words.js';

const RULE = { database: 'shop', tables: ['orders'], privileges: ['SELECT', 'UPDATE'] };

it('are those of the protocol that the target speaks', () => {
  expect(wordsOf('mysql').access(RULE)).toBe('SELECT, UPDATE on shop.orders');
});

it('are JSON for a protocol that this version does not know', () => {
  expect(wordsOf('other').access(RULE)).toBe(JSON.stringify(RULE));
  expect(wordsOf('other').facts({ room: 'hall' })).toBe('{"room":"hall"}');
});
