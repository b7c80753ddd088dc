import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runProgram } from './clients/program.js';
import { ROOT } from './folders.js';

// The bench runs the sources with their types stripped, which not all that TypeScript compiles can do.
it('the bench loads, names its rows when it is asked for another, and has each in the document', async () => {
  const told = await runProgram(process.execPath, [join(ROOT, 'bench', 'main.mjs'), '--only', 'none']);
  expect(told).toMatchObject({ exitCode: 2, stdout: '' });
  const [, list = ''] = /^No row none\. The rows: (.+)$/.exec(told.stderr.trim()) ?? [];
  const document = readFileSync(join(ROOT, 'docs', 'performance.md'), 'utf8');
  const documented = [...document.slice(0, document.indexOf('\n## ')).matchAll(/^\| `([\w-]+)`/gm)].map(
    ([, name]) => name,
  );
  expect(new Set(documented)).toEqual(new Set(list.split(', ')));
});
