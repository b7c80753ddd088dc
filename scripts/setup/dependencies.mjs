import { readFileSync } from 'node:fs';
import { ROOT, inRoot } from './paths.mjs';
import { withNodeOnPath } from './node24.mjs';
import { runLogged } from './step.mjs';

/** Brings node_modules to what package-lock.json says. */
export async function bringDependencies(node) {
  if (fitsLock()) return 'already there';
  await runLogged('npm-ci', 'npm', ['ci', '--no-progress'], { cwd: ROOT, env: withNodeOnPath(node) });
  return 'installed';
}

/**
 * Whether node_modules holds what the lock names. npm writes node_modules/.package-lock.json as the last thing of an
 * install, so one that was broken off does not count. Optional packages of other platforms are in the lock only.
 */
function fitsLock() {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const there = installed[path];
    return there ? there.version === version : optional === true;
  });
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(inRoot(lockFile), 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
