import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOCUMENTS = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT });

/** A path from the root in backticks: `src/kernel/errors.ts`, `docs/`, `.env.example`. */
const PATH = /`((?:src|test|scripts|bench|docs|migrations|docker|bin)\/[\w./-]*|\.[\w-]+(?:\.[\w-]+)+)`/g;

it.each(DOCUMENTS)('%s names files and folders that are there', (document) => {
  const named = [...readFileSync(ROOT + document, 'utf8').matchAll(PATH)].map(([, path = '']) => path);
  expect(named.filter((path) => !existsSync(ROOT + path))).toEqual([]);
});

it('documents name files at all', () => {
  expect(readFileSync(`${ROOT}docs/changing.md`, 'utf8').match(PATH)?.length).toBeGreaterThan(40);
});

it('ARCHITECTURE.md stays a map: 150 lines at most', () => {
  expect(readFileSync(`${ROOT}ARCHITECTURE.md`, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(150);
});
