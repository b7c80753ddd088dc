import { readFileSync, statSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { OperatorError } from '../kernel/operator-error.js';
import type { Environment } from './load.js';
import { isReadVariable, nearMisses } from './near-misses.js';

const BYTES_MAX = 1024 * 1024;
const FILE_ENDING = '_FILE';

/**
 * What a file `.env` adds to the environment: the variables that the broker reads, and slips of their names so that they
 * are warned of. Nothing else is taken: a folder that a command happens to run in must not choose options of Node.js or
 * where programs are looked for. What the environment has wins, also when it is empty there, and also when it has a secret
 * in its other form (`NAME` and `NAME_FILE`).
 * @throws OperatorError when the file is there and cannot be read as a whole
 */
export function variablesOfEnvFile(path: string, env: Environment): Readonly<Record<string, string>> {
  const text = textOf(path);
  if (text === undefined) return {};
  requireAssignments(path, text);
  const said = Object.entries(parseEnv(text)).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value }],
  );
  const slips = new Set(
    nearMisses(Object.fromEntries(said.map(({ name, value }) => [name, value]))).map(({ name }) => name),
  );
  const added = said
    .filter(({ name }) => isReadVariable(name) || slips.has(name))
    .filter(({ name }) => env[name] === undefined && env[otherFormOf(name)] === undefined)
    .filter(({ name }) => !OF_THE_CREDENTIAL.has(name) || !isCredentialGiven(env));
  return Object.fromEntries(added.map(({ name, value }) => [name, value]));
}

function otherFormOf(name: string): string {
  return name.endsWith(FILE_ENDING) ? name.slice(0, -FILE_ENDING.length) : `${name}${FILE_ENDING}`;
}

const OF_THE_CREDENTIAL: ReadonlySet<string> = new Set(['DOORWARDEN_API', 'DOORWARDEN_API_KEY']);

/** A credential of the environment is not sent to an address that a folder's file names, and is not joined by another one. */
function isCredentialGiven(env: Environment): boolean {
  return ['DOORWARDEN_API_KEY', 'DOORWARDEN_TOKEN_FILE'].some((name) => (env[name] ?? '') !== '');
}

function textOf(path: string): string | undefined {
  let bytes: Buffer;
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isFile())
      throw new OperatorError(`${path} is no file. Move it away, or make it one of NAME=value lines.`);
    if (found.size > BYTES_MAX) throw new OperatorError(`${path} is larger than 1 MiB, which no settings are.`);
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new OperatorError(`${path} is there and cannot be read (${code}). Let this user read it, or move it away.`);
  }
  try {
    return new TextDecoder('utf8', { fatal: true }).decode(bytes);
  } catch {
    throw new OperatorError(`${path} is not UTF-8.`);
  }
}

/** One assignment as Node.js reads it, a comment, or nothing, up to the end of its line. */
const LINE = new RegExp(
  [
    String.raw`[ \t]*(?:#[^\n]*)?`,
    String.raw`[ \t]*(?:export[ \t]+)?[A-Za-z_]\w*[ \t]*=[ \t]*(?:(?:"[^"]*"|'[^']*'|\`[^\`]*\`)[ \t]*(?:#[^\n]*)?|(?!["'\`])[^\n]*)`,
  ]
    .map((form) => String.raw`(?:${form}\r?(?:\n|$))`)
    .join('|'),
  'y',
);

/** Node.js passes over what it cannot read; a setting that is lost without a word is worse than a process that does not start. */
function requireAssignments(path: string, text: string): void {
  for (let position = 0; position < text.length; position = LINE.lastIndex) {
    LINE.lastIndex = position;
    if (LINE.test(text)) continue;
    const line = text.slice(0, position).split('\n').length;
    throw new OperatorError(
      `${path}, line ${line}: this is no NAME=value, or its quote does not end. Nothing of the file is used.`,
    );
  }
}
