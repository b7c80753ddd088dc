import { lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ConnectionView } from '../../../contracts/grants/grant.js';
import { OperatorError } from '../../../kernel/operator-error.js';
import { isPlainPath, withPaths } from '../private-files/file-paths.js';
import { isOwn, isPrivate } from '../private-files/private-folder.js';

const PREFIX = 'doorwarden-';
const NAME = /^doorwarden-(\d{10})-\w{6}$/;
const MODE_FILE = 0o600;
/** What programs that outlive their grant may have of its files. */
const LEFT_SECONDS = 3_600;
const MS_PER_SECOND = 1_000;
/** Where others leave more, somebody else has to clean up. */
const LOOKED_AT_MAX = 10_000;

/** A connection in a folder that only this user can open, with forms that say where its files are. */
export interface ConnectionFiles {
  readonly path: string;
  /** For a program that uses it. */
  readonly env: Readonly<Record<string, string>>;
  /** Ordinary clients, the usual one first. */
  readonly programs: readonly { readonly name: string; readonly args: readonly string[] }[];
  remove(): void;
}

/**
 * Writes the files of a connection. Folders that were left by commands that somebody killed, and whose grants are over, are
 * removed on the way.
 * @throws OperatorError when the folder for temporary files has a name that client's files cannot have in them
 */
export function writeConnectionFiles(connection: ConnectionView, deadline: string): ConnectionFiles {
  const parent = parentFolder();
  removeLeft(parent, Date.now());
  const seconds = Math.floor(Date.parse(deadline) / MS_PER_SECOND);
  const path = mkdtempSync(join(parent, `${PREFIX}${seconds}-`)); // of mode 700
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  try {
    const pathOf = new Map(Object.keys(connection.files).map((name) => [name, join(path, basename(name))]));
    for (const [name, file] of pathOf) {
      const text = withPaths(connection.files[name] ?? '', pathOf);
      writeFileSync(file, text, { mode: MODE_FILE, flag: 'wx' });
    }
    return {
      path,
      env: {
        ...Object.fromEntries(
          Object.entries(connection.env).map(([name, value]) => [name, pathOf.get(value) ?? value]),
        ),
        ...Object.fromEntries(connection.folderEnv.map((name) => [name, path])),
        DOORWARDEN_FILES: path,
      },
      programs: connection.programs.map(({ name, args }) => ({
        name,
        args: args.map((arg) => withPaths(arg, pathOf)),
      })),
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The user's own folder of what lives in memory, where the system has one. */
function parentFolder(): string {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const parent = runtime !== undefined && isPrivateFolder(runtime) ? runtime : tmpdir();
  const path = realpathSync(parent);
  if (isPlainPath(path)) return path;
  throw new OperatorError(
    `The folder for temporary files, ${JSON.stringify(path)}, has a character that option files of clients cannot have. Set TMPDIR to another one.`,
  );
}

function isPrivateFolder(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() && isPrivate(found);
}

function removeLeft(parent: string, nowMs: number): void {
  for (const name of readdirSync(parent).slice(0, LOOKED_AT_MAX)) {
    const [, seconds] = NAME.exec(name) ?? [];
    if (seconds === undefined || (Number(seconds) + LEFT_SECONDS) * MS_PER_SECOND > nowMs) continue;
    const path = join(parent, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true && isOwn(found.uid)) rmSync(path, { recursive: true, force: true });
  }
}
