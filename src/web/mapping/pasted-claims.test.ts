import { expect, it } from 'vitest';
import { claimsOfToken, isToken, readClaims } from './pasted-claims.js';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const SIGNATURE = 'c2lnbmF0dXJl';
const token = `${part({ alg: 'RS256' })}.${part({ sub: 'žižek', groups: ['dba'] })}.${SIGNATURE}`;

it.each([token, `Bearer ${token}`, `  ${token}\n`, `${part({})}.${part({ a: 1 })}.`])('knows a token: %s', (text) => {
  expect(isToken(text)).toBe(true);
});

it.each(['{"sub": "a.b.c"}', 'a.b', '', 'a.b.c.d', '{}'])('does not take %j for a token', (text) => {
  expect(isToken(text)).toBe(false);
});

it('keeps the claims of a token and nothing else of it', () => {
  const claims = claimsOfToken(token) ?? '';
  expect(JSON.parse(claims)).toEqual({ sub: 'žižek', groups: ['dba'] });
  expect(claims).not.toContain(SIGNATURE);
  expect(claims).not.toContain('RS256');
});

it.each(['a.b.c', `${part({})}.${part([1])}.x`, `${part({})}.${part('text')}.x`])('cannot read %s', (text) => {
  expect(claimsOfToken(text)).toBeUndefined();
});

it('takes an object of JSON for claims, and nothing else', () => {
  expect(readClaims('{"sub": "1"}')).toEqual({ claims: { sub: '1' } });
  for (const text of ['[]', '1', 'null', '', '{']) expect(readClaims(text)).toEqual({ fault: expect.any(String) });
});
