import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ROOT } from '../support/folders.js';

const run = promisify(execFile);

test('the quickstart carries one task through its whole life and leaves nothing running', async () => {
  const { DATABASE_URL: _, REDIS_URL: __, ...env } = process.env;
  const { stdout } = await run(process.execPath, [join(ROOT, 'dist/apps/quickstart/main.js'), '--once'], {
    cwd: ROOT,
    env,
  });
  expect(stdout).toMatch(/verif/i);
  expect(stdout).toContain('DELETE');
  expect(existsSync(join(ROOT, '.local/quickstart.json'))).toBe(false);
}, 90_000);
