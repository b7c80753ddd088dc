import { ROOT, inRoot } from './paths.mjs';
import { existsSync } from 'node:fs';
import { hashOf, isStamped, stamp } from './stamp.mjs';
import { withNodeOnPath } from './node24.mjs';
import { runLogged } from './step.mjs';

const SOURCES = ['src', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', 'vite.config.ts', 'package-lock.json'];

/** Builds dist/ when the sources changed since it was last built. */
export async function build(node) {
  const stampFile = inRoot('dist', '.doorwarden-sources');
  const wanted = hashOf(SOURCES);
  if (isStamped(stampFile, wanted)) return 'up to date';
  const options = { cwd: ROOT, env: withNodeOnPath(node) };
  await runLogged('build', node, [inRoot('node_modules', '@nestjs', 'cli', 'bin', 'nest.js'), 'build'], options);
  if (existsSync(inRoot('vite.config.ts'))) {
    await runLogged('build-web', node, [inRoot('node_modules', 'vite', 'bin', 'vite.js'), 'build'], options);
  }
  stamp(stampFile, wanted);
  return 'built';
}
