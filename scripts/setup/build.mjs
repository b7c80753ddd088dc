import { ROOT, inLocal, inRoot } from './paths.mjs';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, isStamped, stamp } from './stamp.mjs';
import { withNodeOnPath } from './node24.mjs';
import { runLogged } from './step.mjs';

const ROOMS = readdirSync(inRoot('src')).map((name) => `src/${name}`);
const SHARED = ['tsconfig.json', 'scripts/licenses.mjs', 'package-lock.json'];
const SOURCES = [...ROOMS.filter((room) => room !== 'src/web'), 'scripts/bundle.mjs', ...SHARED];

/** What the page is made of: itself, and the rooms that it may import. */
const PAGE_ROOMS = ['web', 'verifier', 'client', 'contracts', 'domain', 'kernel'].map((name) => `src/${name}`);
const PAGE_SOURCES = [...PAGE_ROOMS, 'scripts/page.mjs', ...SHARED];

/** Only tests run it. */
const ECHO_SOURCES = [...SOURCES, 'test/support/echo'];

/** Builds the programs and the page in dist/, each when its sources changed since it was last built. */
export async function build(node) {
  const parts = [
    { name: 'build', script: 'bundle.mjs', folder: inRoot('dist'), sources: SOURCES },
    { name: 'build-page', script: 'page.mjs', folder: inRoot('dist', 'web'), sources: PAGE_SOURCES },
  ];
  const outcomes = [];
  for (const part of parts) outcomes.push(await buildPart(node, part));
  return outcomes.some((outcome) => outcome === 'built') ? 'built' : 'up to date';
}

async function buildPart(node, { name, script, folder, sources }) {
  const stampFile = join(folder, '.doorwarden-sources');
  const wanted = hashOf(sources);
  if (isStamped(stampFile, wanted)) return 'up to date';
  await runLogged(name, node, [inRoot('scripts', script)], { cwd: ROOT, env: withNodeOnPath(node) });
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
