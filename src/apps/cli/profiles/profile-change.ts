import { chmod, open, rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from '../../../config/load.js';
import { systemErrorCode } from '../../../recording/write/system-error.js';
import { writePrivateFile } from '../private-files/private-file.js';
import { makeOwnFolder } from '../private-files/private-folder.js';
import { UsageFailure } from '../terminal/conventions.js';
import { type Profiles, profilesFolder, profilesPath, profilesText, readProfiles } from './profile-file.js';

const LOCK_MS_MAX = 3_000;
const LOCK_PAUSE_MS = 25;

/**
 * Changes the profiles of this user, one command after the other. The file is replaced as a whole, so that anyone who reads
 * it meanwhile reads what was there before or after. @throws UsageFailure where it cannot be written, and then nothing is changed
 */
export async function changeProfiles(env: Environment, change: (now: Profiles) => Profiles): Promise<void> {
  const folder = profilesFolder(env);
  await makeOwnFolder(folder);
  await chmod(folder, 0o700);
  const path = profilesPath(env);
  const lock = `${path}.lock`;
  await takeLock(lock);
  try {
    await writePrivateFile(path, profilesText(change(readProfiles(env))));
  } finally {
    await rm(lock, { force: true });
  }
}

/** A file that only one process can make. One that was left behind is not taken over: two could do that at once. */
async function takeLock(path: string): Promise<void> {
  for (const untilMs = performance.now() + LOCK_MS_MAX; ; await pause(LOCK_PAUSE_MS)) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      return;
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw error;
      if (performance.now() < untilMs) continue;
      throw new UsageFailure(`Another command changes the profiles. If none runs, remove ${path} and try again.`);
    }
  }
}
