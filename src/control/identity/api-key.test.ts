import { describe, expect, it } from 'vitest';
import { apiKeyId, bearerOf, hashApiKey, isSameHash, makeApiKey } from './api-key.js';

describe('an API key', () => {
  it('has the form that is documented, and carries its id', () => {
    const { id, key, hash } = makeApiKey();
    expect(key).toMatch(/^dw_[a-z2-7]{8}_[A-Za-z0-9_-]{43}$/);
    expect(apiKeyId(key)).toBe(id);
    expect(isSameHash(hash, hashApiKey(key))).toBe(true);
  });

  it('is another one every time', () => {
    expect(new Set(Array.from({ length: 100 }, () => makeApiKey().key)).size).toBe(100);
  });

  it('is known by its whole text', () => {
    const { key, hash } = makeApiKey();
    expect(isSameHash(hash, hashApiKey(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`))).toBe(false);
    expect(isSameHash(hash, Buffer.alloc(0))).toBe(false);
  });

  it.each(['', 'dw_', 'dw_ABCDEFGH_x', `dw_abcdefgh_${'x'.repeat(44)}`, ` dw_abcdefgh_${'x'.repeat(43)}`])(
    'is not seen in %j',
    (text) => expect(apiKeyId(text)).toBeUndefined(),
  );
});

describe('the Authorization header', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['Bearer   abc ', 'abc'],
    ['Basic abc', undefined],
    ['Bearer', undefined],
    ['Bearer a b', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j gives %j', (header, key) => expect(bearerOf(header)).toBe(key));
});
