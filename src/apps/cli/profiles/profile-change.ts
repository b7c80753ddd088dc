import { chmod } from 'node:fs/promises';
import type { Environment } from '../../../config/load.js';
import { writePrivateFile } from '../private-files/private-file.js';
import { makeOwnFolder } from '../private-files/private-folder.js';
import { type Profiles, profilesFolder, profilesPath, profilesText, readProfiles } from './profile-file.js';
import { ProfileLock } from './profile-lock.js';

/**
 * Changes the profiles of this user, one command after the other. The file is replaced as a whole, so that anyone who reads
 * it meanwhile reads what was there before or after. @throws UsageFailure where it cannot be written, and then nothing is changed
 */
export async function changeProfiles(env: Environment, change: (now: Profiles) => Profiles): Promise<void> {
  const folder = profilesFolder(env);
  await makeOwnFolder(folder);
  await chmod(folder, 0o700);
  const path = profilesPath(env);
  const lock = await ProfileLock.take(`${path}.lock`);
  try {
    await writePrivateFile(path, profilesText(change(readProfiles(env))));
  } finally {
    lock.release();
  }
}
