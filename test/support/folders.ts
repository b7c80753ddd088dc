import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isRunning } from './child.js';

const PREFIX = 'doorwarden-test-';
/** Where a run has its temporary folder if there is room (scripts/setup/memory-folder.mjs). */
const MEMORY = '/dev/shm';

/** The checkout's root folder. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** What set-ups and tests keep between runs. */
export const LOCAL = join(ROOT, '.local');

/** Where Node.js keeps what it has compiled of the processes of brokers: tests start the same ones all the time. */
export const COMPILED = { NODE_COMPILE_CACHE: join(LOCAL, 'test', 'compile-cache') };

/** Where logs of the last test run are kept, one folder for each broker or server. */
export async function logFolder(name: string): Promise<string> {
  const folder = join(LOCAL, 'test', 'logs', name);
  await mkdir(folder, { recursive: true });
  return folder;
}

/**
 * A new private folder for one server or broker, deleted by the one who asked for it. It is below the system's temporary
 * folder because a Unix socket's path has at most 107 bytes. Its name carries the process that made it.
 */
export function makeTemporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** Deletes the folders of test runs that were killed before they could. */
export function sweepTemporaryFolders(): void {
  for (const place of new Set([tmpdir(), MEMORY])) sweep(place);
}

function sweep(place: string): void {
  for (const name of existsSync(place) ? readdirSync(place) : []) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : NaN;
    if (Number.isInteger(pid) && !isRunning(pid)) rmSync(join(place, name), { recursive: true, force: true });
  }
}
