import { expect, it } from 'vitest';
import { ownPath } from './own-path.js';

it.each(['/', '/approvals/01m7', '/approvals?state=pending&x=%2F%2Fevil.example', '/a#b', '/a/@evil.example'])(
  'goes back to %s',
  (path) => expect(ownPath(path)).toBe(path),
);

it.each([
  undefined,
  null,
  ['/a'],
  '',
  'approvals',
  'https://evil.example/',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/.//evil.example',
  '/x/..//evil.example',
  '/a b',
  'javascript:alert(1)',
  '/\u202eevil',
  `/${'x'.repeat(2_000)}`,
])('goes to the first page instead of %j', (path) => expect(ownPath(path)).toBe('/'));
