import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ADMINISTRATIVE_ACTS } from '../record/acts.js';

it('docs/administrative-record.md lists every act, with what it means', () => {
  const document = readFileSync(new URL('../../docs/administrative-record.md', import.meta.url), 'utf8');
  const listed = [...document.matchAll(/^\| `([a-z.-]+\.[a-z-]+)` +\| (.+?) +\|$/gm)].map(([, act, what]) => [
    act,
    what,
  ]);
  expect(listed).toEqual(Object.entries(ADMINISTRATIVE_ACTS));
});
