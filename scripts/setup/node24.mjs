import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { inLocal } from './paths.mjs';
import { SetupError, runLogged } from './step.mjs';

const MAJOR_MIN = 24;
const RUNTIME = '24.21.0';

/** The environment whose PATH starts with the folder of a Node.js that is new enough. */
export function withNodeOnPath(node) {
  return { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` };
}

/** Finds or brings a Node.js that is new enough: `{ node, outcome }`, `node` being the path of its binary. */
export async function bringNode() {
  if (majorOf(process.version) >= MAJOR_MIN) return { node: process.execPath, outcome: `${process.version} runs` };
  const local = inLocal('node', 'node_modules', '.bin', 'node');
  const there = versionOf(local);
  if (there && majorOf(there) >= MAJOR_MIN) return { node: local, outcome: `${there} in .local/node` };
  // This package carries the binary itself; the package `node` would need an install script, and .npmrc forbids those.
  const name = `node-${process.platform}-${process.arch}@${RUNTIME}`;
  mkdirSync(inLocal('node'), { recursive: true });
  try {
    await runLogged('node', 'npm', ['install', '--prefix', inLocal('node'), '--no-save', '--no-package-lock', name]);
  } catch (error) {
    throw new SetupError(
      `Node.js ${process.version} is too old and ${name} could not be installed from the npm registry. ` +
        `Install Node.js ${MAJOR_MIN} or newer by hand and run this again.\n${error.message}`,
    );
  }
  const brought = versionOf(local);
  if (!brought) throw new SetupError(`${name} was installed, but ${local} does not run on this machine.`);
  return { node: local, outcome: `${brought} brought to .local/node` };
}

function majorOf(version) {
  return Number(/^v?(\d+)\./.exec(version)?.[1]);
}

function versionOf(binary) {
  if (!existsSync(binary)) return undefined;
  const ran = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  return ran.status === 0 ? ran.stdout.trim() : undefined;
}
