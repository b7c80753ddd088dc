import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectionFailure } from '../../../mcp/connection-failure.js';
import { systemErrorCode } from '../../../recording/write/system-error.js';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS = 0o077;
const BYTES_MAX = 1024 * 1024;
const RANDOM_BYTES = 6;

/**
 * Makes a folder that this user alone can look into, and those above it that are missing.
 * @throws ConnectionFailure for one that is a link, is somebody else's, or is open to others
 */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: FOLDER_MODE });
    await requirePrivate(path);
  } catch (cause) {
    throw asFailure(path, cause);
  }
}

/** @throws ConnectionFailure, or the system's error where there is nothing */
async function requirePrivate(path: string): Promise<void> {
  const found = await lstat(path);
  if (!found.isDirectory()) throw new ConnectionFailure(`${path} is no folder.`, 'Move it away, then call again.');
  const own = process.getuid?.();
  if (own !== undefined && found.uid !== own) {
    throw new ConnectionFailure(
      `${path} belongs to another user of this machine.`,
      'Set DOORWARDEN_HOME to a folder of your own.',
    );
  }
  // Windows has no such bits: there the folder of the user is what keeps others out.
  if (process.platform !== 'win32' && (found.mode & OTHERS) !== 0) {
    throw new ConnectionFailure(`Others can look into ${path}.`, `Run: chmod 700 ${path}; then call again.`);
  }
}

/**
 * Writes a file that this user alone can read. A reader sees the old text or the new one, never a part; what was in
 * its place, a link as well, is replaced and not followed.
 * @throws ConnectionFailure
 */
export async function writePrivateFile(folder: string, name: string, text: string): Promise<void> {
  const written = join(folder, `.${name}.${randomBytes(RANDOM_BYTES).toString('hex')}`);
  try {
    const file = await open(written, 'wx', FILE_MODE);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(written, join(folder, name));
  } catch (cause) {
    await rm(written, { force: true }).catch(() => undefined); // the first failure says more
    throw asFailure(folder, cause);
  }
}

/** The text of a file that nobody else can have written; undefined where there is none, or none of that kind. */
export async function readPrivateFile(folder: string, name: string): Promise<string | undefined> {
  try {
    await requirePrivate(folder);
    const file = await open(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const found = await file.stat();
      const isOwn = process.getuid === undefined || found.uid === process.getuid();
      const isClosed = process.platform === 'win32' || (found.mode & OTHERS) === 0;
      if (!found.isFile() || !isOwn || !isClosed || found.size > BYTES_MAX) return undefined;
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof ConnectionFailure || systemErrorCode(error) !== undefined) return undefined;
    throw error;
  }
}

function asFailure(path: string, cause: unknown): unknown {
  const code = systemErrorCode(cause);
  if (code === undefined) return cause;
  return new ConnectionFailure(
    `${path} cannot be written (${code}).`,
    'Set DOORWARDEN_HOME to a folder of your own that can be written, or take the connection as env.',
    cause,
  );
}
