import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../folders.js';

/** The one that Debian's packages belong to. */
export const PYTHON = '/usr/bin/python3';

export const PYTHON_CLIENT = join(ROOT, 'clients', 'python');

/** With which a program imports the client from the checkout, and leaves nothing in it. */
export const PYTHON_ENV = { PYTHONPATH: join(PYTHON_CLIENT, 'src'), PYTHONDONTWRITEBYTECODE: '1' } as const;

/** Whether Debian's Python is there with all of these modules. */
export function hasPython(...modules: readonly string[]): boolean {
  if (!existsSync(PYTHON)) return false;
  return spawnSync(PYTHON, ['-c', ['pass', ...modules.map((name) => `import ${name}`)].join('\n')]).status === 0;
}
