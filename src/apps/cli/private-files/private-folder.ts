import { lstatSync, type Stats } from 'node:fs';
import { systemErrorCode } from '../../../recording/write/system-error.js';
import { PrivateFileFailure } from './private-file-failure.js';

const FOLDER_MODE = 0o700;
const OTHERS_READ_OR_WRITE = 0o077;
const OTHERS_WRITE = 0o022;

/**
 * Makes a folder that this user alone can look into, and those above it that are missing.
 * @throws PrivateFileFailure for one that is a link, is somebody else's, is open to others, or cannot be made
 */
export async function makePrivateFolder(path: string): Promise<void> {
  await makeFolder(path, requirePrivateFolder);
}

/** As `makePrivateFolder`, but others may look into a folder that is there. @throws PrivateFileFailure */
export async function makeOwnFolder(path: string): Promise<void> {
  await makeFolder(path, requireOwnFolder);
}

async function makeFolder(path: string, requireKind: (path: string) => void): Promise<void> {
  try {
    const { mkdir } = await import('node:fs/promises'); // most commands make none
    await mkdir(path, { recursive: true, mode: FOLDER_MODE });
    requireKind(path);
  } catch (cause) {
    throw toldWithPath(path, 'written', cause);
  }
}

/** Nobody else can see what is in it. @throws PrivateFileFailure, or why it is not there */
export function requirePrivateFolder(path: string): void {
  if (isOpenTo(ownFolder(path), OTHERS_READ_OR_WRITE)) {
    throw new PrivateFileFailure(`Others can look into ${path}.`, `Run: chmod 700 ${path}; then try again.`);
  }
}

/** Where others can put files, they can put one of theirs in place of ours. @throws PrivateFileFailure, or why it is not there */
export function requireOwnFolder(path: string): void {
  if (isOpenTo(ownFolder(path), OTHERS_WRITE)) {
    throw new PrivateFileFailure(`Others can write in ${path}.`, `Run: chmod 700 ${path}; then try again.`);
  }
}

function ownFolder(path: string): Stats {
  const found = lstatSync(path);
  if (!found.isDirectory()) throw new PrivateFileFailure(`${path} is no folder.`, 'Move it away, then try again.');
  requireOwn(path, found);
  return found;
}

/** @throws PrivateFileFailure for what another user could change whatever its mode says */
export function requireOwn(path: string, { uid }: Stats): void {
  if (!isOwn(uid)) throw new PrivateFileFailure(`${path} belongs to another user of this machine.`);
}

/** Windows knows no such numbers. */
export function isOwn(uid: number): boolean {
  const own = process.getuid?.();
  return own === undefined || own === uid;
}

export function isPrivate(found: Stats): boolean {
  return isOwn(found.uid) && !isOpenTo(found, OTHERS_READ_OR_WRITE);
}

/** Windows has no such bits: there the folder of the user is what keeps others out. */
function isOpenTo({ mode }: Stats, bits: number): boolean {
  return process.platform !== 'win32' && (mode & bits) !== 0;
}

/** What the system refused, told with the path; any other error as it is. */
export function toldWithPath(path: string, refused: 'read' | 'written', cause: unknown): unknown {
  const code = systemErrorCode(cause);
  return code === undefined
    ? cause
    : new PrivateFileFailure(`${path} cannot be ${refused} (${code}).`, undefined, cause);
}
