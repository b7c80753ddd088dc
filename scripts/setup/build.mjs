import { ROOT, inLocal, inRoot } from './paths.mjs';
import { existsSync } from 'node:fs';
import { hashOf, isStamped, stamp } from './stamp.mjs';
import { withNodeOnPath } from './node24.mjs';
import { runLogged } from './step.mjs';

const SOURCES = ['src', 'tsconfig.json', 'scripts/bundle.mjs', 'vite.config.ts', 'package-lock.json'];

/** Only tests run it. */
const ECHO_SOURCES = [...SOURCES, 'test/support/echo'];

/** Builds dist/ when the sources changed since it was last built. */
export async function build(node) {
  const stampFile = inRoot('dist', '.doorwarden-sources');
  const wanted = hashOf(SOURCES);
  if (isStamped(stampFile, wanted)) return 'up to date';
  const options = { cwd: ROOT, env: withNodeOnPath(node) };
  await runLogged('build', node, [inRoot('scripts', 'bundle.mjs')], options);
  if (existsSync(inRoot('vite.config.ts'))) {
    await runLogged('build-web', node, [inRoot('node_modules', 'vite', 'bin', 'vite.js'), 'build'], options);
  }
  stamp(stampFile, wanted);
  return 'built';
}

/** Builds the processes of the tests' own protocol when the sources changed since they were last built. */
export async function buildEcho(node) {
  const stampFile = inLocal('test', 'echo', '.doorwarden-sources');
  const wanted = hashOf(ECHO_SOURCES);
  if (isStamped(stampFile, wanted)) return 'up to date';
  await runLogged('build-echo', node, [inRoot('scripts', 'bundle.mjs'), '--echo'], { cwd: ROOT });
  stamp(stampFile, wanted);
  return 'built';
}
