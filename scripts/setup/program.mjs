import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { ROOT, inRoot } from './paths.mjs';
import { withNodeOnPath } from './node24.mjs';
import { SetupError } from './step.mjs';

/** Runs the command itself on this terminal; signals go through to it, and its exit code comes back. */
export async function runProgram(node, programArgs, env = {}) {
  const entry = inRoot(programArgs[0]);
  if (!existsSync(entry)) throw new SetupError(`${programArgs[0]} does not exist.`);
  const child = spawn(node, ['--enable-source-maps', ...programArgs], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...withNodeOnPath(node), ...env },
  });
  // A terminal sends Ctrl-C to the child as well; passing it on would make it two.
  const forward = (signal) => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
