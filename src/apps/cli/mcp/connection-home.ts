import { lstat, readdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { idSchema } from '../../../contracts/page.js';
import { TTL_SECONDS_MAX } from '../../../domain/grant.js';
import { systemErrorCode } from '../../../recording/write/system-error.js';
import type { Environment } from '../../../config/load.js';

const MS_PER_SECOND = 1000;
/** No grant lasts longer than a day after its connection was shown; an hour is for clocks. */
const KEPT_MS_MAX = (TTL_SECONDS_MAX + 3_600) * MS_PER_SECOND;
/** Where there are more, somebody else has to clean up. */
const LOOKED_AT_MAX = 1_000;

/** The folder in which connections of grants are kept on this machine. */
export function connectionHome(env: Environment): string {
  const named = env['DOORWARDEN_HOME'] ?? '';
  const home = named === '' ? join(env['HOME'] || homedir(), '.doorwarden') : named;
  return isAbsolute(home) ? home : resolve(home);
}

export function grantsFolder(home: string): string {
  return join(home, 'grants');
}

/** Each grant has a folder of its own, which goes with it. */
export function grantFolder(home: string, grantId: string): string {
  return join(grantsFolder(home), idSchema.parse(grantId));
}

/** Removes the folders of grants that are over by now, such as those of an agent that was ended in the middle. */
export async function removeOldGrants(home: string, nowMs: number): Promise<void> {
  const folder = grantsFolder(home);
  for (const name of (await namesIn(folder)).slice(0, LOOKED_AT_MAX)) {
    if (!idSchema.safeParse(name).success) continue;
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined); // another server may have been faster
    if (found?.isDirectory() !== true || found.mtimeMs + KEPT_MS_MAX > nowMs) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return []; // there are none, or nobody may look
  }
}
