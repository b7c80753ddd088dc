import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync } from 'node:fs';
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BrokerError } from '../../kernel/errors.js';
import { systemErrorCode } from './system-error.js';

/**
 * The files of recordings, opened without following anything. Anyone who can write into the recordings directory could put
 * a link there to a file that the broker may read and they may not, or a FIFO at which a reader waits forever. So every
 * open here takes regular files only, and never waits; a directory that is a link itself is refused too.
 */

const { O_RDONLY, O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_TRUNC } = constants;
const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** How a file is opened; `create` refuses one that is there. */
export const OPEN = {
  read: O_RDONLY,
  change: O_RDWR,
  create: O_WRONLY | O_CREAT | O_EXCL | O_APPEND,
  append: O_WRONLY | O_CREAT | O_APPEND,
  replace: O_WRONLY | O_CREAT | O_TRUNC,
} as const;
export type OpenFlags = (typeof OPEN)[keyof typeof OPEN];

const MODE = 0o600;

/**
 * Where the system shows a process its open files. A name that is looked up there is looked up in the directory that was
 * opened, whatever its path leads to meanwhile. Without it the directory is looked at again after its use.
 */
const OPEN_FILES = existsSync('/proc/self/fd') ? '/proc/self/fd' : undefined;

/** What a system says of an open that would follow a link, wait for a writer, or meets a directory or a socket. */
const NOT_REGULAR: ReadonlySet<string> = new Set(['ELOOP', 'EMLINK', 'ENXIO', 'ENOTDIR', 'EISDIR', 'EOPNOTSUPP']);

/** A directory that is open, with a path under which its own files are reached. */
interface OpenDirectory {
  readonly fd: number;
  readonly at: string;
}

/** Runs `use` with a path under which the directory's own files are reached. @throws BrokerError `recording_mismatch` */
export function inDirectory<T>(directory: string, use: (at: string) => T): T {
  const opened = openDirectory(directory);
  try {
    const used = use(opened.at);
    requireSame(directory, opened);
    return used;
  } finally {
    closeSync(opened.fd);
  }
}

/** Opens a regular file of the directory. Close it. @throws BrokerError `recording_mismatch`, or what the system says */
export function openOwnSync(directory: string, name: string, flags: OpenFlags): number {
  const fd = inDirectory(directory, (at) =>
    asRegular(name, () => openSync(join(at, name), flags | O_NOFOLLOW | O_NONBLOCK, MODE)),
  );
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw notRegular(name);
}

/** As {@link openOwnSync}, for the one who reads and writes while others go on. */
export async function openOwn(directory: string, name: string, flags: OpenFlags): Promise<FileHandle> {
  const opened = openDirectory(directory);
  try {
    const file = await openRegular(join(opened.at, name), flags | O_NOFOLLOW);
    requireSame(directory, opened);
    return file;
  } finally {
    closeSync(opened.fd);
  }
}

/** Opens a file that a person has named, links and all; never waits for a writer. @throws BrokerError `recording_mismatch` */
export function openNamed(path: string): Promise<FileHandle> {
  return openRegular(path, O_RDONLY);
}

/** Whether anything has that name, be it a link that leads nowhere. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    // The second: what should be a directory is none.
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** The names in the directory. */
export function ownNames(directory: string): readonly string[] {
  return inDirectory(directory, (at) => readdirSync(at));
}

/** A small file's text; undefined when there is none. */
export function readOwn(directory: string, name: string): string | undefined {
  let fd: number;
  try {
    fd = openOwnSync(directory, name, OPEN.read);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** Puts a small file in its place, whole or not at all. */
export function replaceOwn(directory: string, name: string, text: string): void {
  inDirectory(directory, (at) => {
    const fresh = join(at, `${name}.new`);
    rmSync(fresh, { force: true });
    writeFileSync(fresh, text, { flag: 'wx', mode: MODE, flush: true });
    renameSync(fresh, join(at, name));
  });
}

/** Removes a file, or the link that is in its place. @returns false when there is none */
export function removeOwn(directory: string, name: string): boolean {
  return inDirectory(directory, (at) => {
    try {
      rmSync(join(at, name));
      return true;
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return false;
      throw error;
    }
  });
}

/** Makes the names in a directory outlive the machine's power. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, O_RDONLY | O_DIRECTORY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function openDirectory(directory: string): OpenDirectory {
  const fd = asRegular(directory, () => openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return { fd, at: OPEN_FILES === undefined ? directory : `${OPEN_FILES}/${fd}` };
}

/** Where a name had to be looked up by path, the path must still lead to the directory that was opened. */
function requireSame(directory: string, { fd }: OpenDirectory): void {
  if (OPEN_FILES !== undefined) return;
  const [opened, now] = [fstatSync(fd), lstatSync(directory)];
  if (opened.dev !== now.dev || opened.ino !== now.ino) throw notRegular(directory);
}

async function openRegular(path: string, flags: number): Promise<FileHandle> {
  const file = await open(path, flags | O_NONBLOCK, MODE).catch((error: unknown) => {
    throw isNotRegular(error) ? notRegular(path) : error;
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw notRegular(path);
}

function asRegular<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isNotRegular(error) ? notRegular(path) : error;
  }
}

function isNotRegular(error: unknown): boolean {
  return NOT_REGULAR.has(systemErrorCode(error) ?? '');
}

function notRegular(path: string): BrokerError {
  return new BrokerError('recording_mismatch', {
    detail: `${basename(path)} is no regular file in its own directory (a link, a FIFO or something else).`,
  });
}
