import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../support/folders.js';

const PAGE = join(ROOT, 'dist', 'web');
/** What a browser loads before the page can be used, gzip -9. */
const FIRST_LOAD_BYTES_MAX = 230 * 1024;

const manifest = z.record(
  z.string(),
  z.looseObject({
    file: z.string(),
    isEntry: z.boolean().default(false),
    imports: z.array(z.string()).default([]),
    css: z.array(z.string()).default([]),
  }),
);

it('the first load of the page is small', () => {
  const parts = manifest.parse(JSON.parse(readFileSync(join(PAGE, '.vite', 'manifest.json'), 'utf8')));
  const files = new Set<string>();
  const add = (name: string): void => {
    const part = parts[name];
    if (part === undefined || files.has(part.file)) return;
    for (const file of [part.file, ...part.css]) files.add(file);
    part.imports.forEach(add);
  };
  for (const [name, { isEntry }] of Object.entries(parts)) if (isEntry) add(name);
  const index = readFileSync(join(PAGE, 'index.html'), 'utf8');
  for (const [, file = ''] of index.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)) files.add(file);
  const sizes = [...files].map(
    (file) => [file, gzipSync(readFileSync(join(PAGE, file)), { level: 9 }).length] as const,
  );
  const bytes = sizes.reduce((sum, [, size]) => sum + size, 0);
  expect(sizes.length).toBeGreaterThan(0);
  expect(bytes, JSON.stringify(Object.fromEntries(sizes), null, 2)).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX);
});

it('the licenses of what is in it lie beside it', () => {
  const text = readFileSync(join(PAGE, 'licenses.txt'), 'utf8');
  for (const name of ['react', 'react-dom', 'scheduler']) expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
});
