import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { OperatorError } from '../kernel/operator-error.js';
import { makeJwkText, parsePrivateJwk, type Curve, type PrivateJwk } from './okp-jwk.js';

const OTHERS_MASK = 0o077;

export interface KeySource<C extends Curve> {
  readonly curve: C;
  /** The JWK that the configuration holds, and the name of the variable that held it. */
  readonly configured: string | undefined;
  readonly variable: string;
  /** Where the key lives when the configuration holds none; made at the first start. */
  readonly path: string;
}

/** The key that is configured, else the one in its file, else a new one that is then in its file. */
export function obtainKey<C extends Curve>({
  curve,
  configured,
  variable,
  path,
}: KeySource<C>): Promise<PrivateJwk<C>> {
  return configured === undefined
    ? parsePrivateJwk(
        readOrMakeKeyFile(path, () => makeJwkText(curve)),
        curve,
        `The key file ${path}`,
      )
    : parsePrivateJwk(configured, curve, variable);
}

/**
 * The text of a key file, which is made (mode 600) when it is not there. Of two processes that make it at the same time
 * one wins and both read the winner's.
 * @throws OperatorError when others than its owner may read the file
 */
export function readOrMakeKeyFile(path: string, make: () => string): string {
  const found = readKeyFile(path);
  if (found !== undefined) return found;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    writeDurably(draft, make());
    linkIfFree(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  const made = readKeyFile(path);
  if (made === undefined) throw new Error(`The key file ${path} vanished while it was made.`);
  return made;
}

/** Whether there is a key already, or one would be made. */
export function isKeyThere({ configured, path }: Pick<KeySource<Curve>, 'configured' | 'path'>): boolean {
  return configured !== undefined || existsSync(path);
}

/** The path of a key file in the directory of keys. */
export function keyFilePath(directory: string, name: 'envelope' | 'seal' | 'provider'): string {
  return join(directory, `${name}.jwk`);
}

function readKeyFile(path: string): string | undefined {
  try {
    if ((statSync(path).mode & OTHERS_MASK) !== 0) {
      throw new OperatorError(`The key file ${path} can be read by others; run: chmod 600 ${path}`);
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A link appears with its whole content or not at all, and never replaces a file that is there. */
function linkIfFree(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
