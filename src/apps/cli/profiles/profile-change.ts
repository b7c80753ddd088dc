import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemErrorCode } from '../../../recording/write/system-error.js';
import { UsageFailure } from '../terminal/conventions.js';
import {
  type Environment,
  type Profiles,
  profilesFolder,
  profilesPath,
  profilesText,
  readProfiles,
  requirePrivateFolder,
} from './profile-file.js';

const LOCK_MS_MAX = 3_000;
const LOCK_PAUSE_MS = 25;

/**
 * Changes the profiles of this user, one command after the other. The file is replaced as a whole, so that anyone who reads
 * it meanwhile reads what was there before or after. @throws UsageFailure where it cannot be written, and then nothing is changed
 */
export async function changeProfiles(env: Environment, change: (now: Profiles) => Profiles): Promise<void> {
  const folder = profilesFolder(env);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  requirePrivateFolder(folder);
  await chmod(folder, 0o700);
  const path = profilesPath(env);
  const lock = `${path}.lock`;
  await takeLock(lock);
  try {
    await replaceFile(path, profilesText(change(readProfiles(env))));
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

async function replaceFile(path: string, text: string): Promise<void> {
  const next = join(`${path}.${randomBytes(8).toString('hex')}`);
  try {
    const file = await open(next, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}
