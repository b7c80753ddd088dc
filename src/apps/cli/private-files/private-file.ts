import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { systemErrorCode } from '../../../recording/write/system-error.js';
import { PrivateFileFailure } from './private-file-failure.js';
import { isPrivate, requireOwn, toldWithPath } from './private-folder.js';

const FILE_MODE = 0o600;
const BYTES_MAX = 1024 * 1024;
const RANDOM_BYTES = 8;

/**
 * Writes a file that this user alone can read. A reader sees the old text or the new one, never a part; what was in its
 * place, a link as well, is replaced and not followed.
 * @throws PrivateFileFailure, and then nothing is changed
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  // Most commands only read, and load neither.
  const { randomBytes } = await import('node:crypto');
  const { open, rename, rm } = await import('node:fs/promises');
  const written = `${path}.${randomBytes(RANDOM_BYTES).toString('hex')}`;
  try {
    const file = await open(written, 'wx', FILE_MODE);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(written, path);
  } catch (cause) {
    await rm(written, { force: true }).catch(() => undefined); // the first failure says more
    throw toldWithPath(path, 'written', cause);
  }
}

/**
 * The text of a file that nobody but this user can read or change; undefined where there is none. Its folder is for the
 * caller to look at.
 * @throws PrivateFileFailure
 */
export function readPrivateFile(path: string): string | undefined {
  const file = opened(path);
  if (file === undefined) return undefined;
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw new PrivateFileFailure(`${path} is no file.`, 'Move it away, then try again.');
    requireOwn(path, found);
    if (!isPrivate(found)) {
      throw new PrivateFileFailure(`Others can read or change ${path}.`, `Run: chmod 600 ${path}; then try again.`);
    }
    if (found.size > BYTES_MAX) {
      throw new PrivateFileFailure(`${path} is larger than 1 MiB, which no file of this kind is.`, 'Move it away.');
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const code = systemErrorCode(cause);
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') throw new PrivateFileFailure(`${path} is a symbolic link.`, 'Put the file itself there.');
    throw toldWithPath(path, 'read', cause);
  }
}
