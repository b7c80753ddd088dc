import { apiSchema } from './api.js';
import { gatewaySchema } from './gateway.js';
import type { Environment } from './load.js';
import { migrateSchema } from './migrate.js';
import { workerSchema } from './worker.js';

/** What the command line reads; the processes' own variables are in their schemas. */
const OF_THE_COMMAND_LINE = ['DOORWARDEN_API', 'DOORWARDEN_API_KEY', 'DOORWARDEN_NODE'];
/**
 * What it reads of the environment alone. A folder's file `.env` does not choose as whom a person acts, nor which of the
 * person's files is sent as a token, nor where secrets are put.
 */
const OF_THE_ENVIRONMENT = ['DOORWARDEN_TOKEN_FILE', 'DOORWARDEN_PROFILE', 'DOORWARDEN_HOME'];
const KNOWN: ReadonlySet<string> = new Set(
  [apiSchema, gatewaySchema, workerSchema, migrateSchema]
    .flatMap(({ shape }) => Object.keys(shape))
    .flatMap((name) => [name, `${name}_FILE`])
    .concat(OF_THE_COMMAND_LINE, OF_THE_ENVIRONMENT),
);

/** Whether some process or command of the broker reads a variable of this name, from a file `.env` too. */
export function isReadVariable(name: string): boolean {
  return KNOWN.has(name) && !OF_THE_ENVIRONMENT.includes(name);
}

/** Shorter names are near to too many others. */
const NAME_CHARACTERS_MIN = 6;
const CHANGES_MAX = 2;

export interface NearMiss {
  readonly name: string;
  readonly meant: string;
}

/** Variables that nobody reads and whose names are nearly those of one that is read: most likely a slip. */
export function nearMisses(env: Environment): readonly NearMiss[] {
  return Object.keys(env)
    .filter((name) => name.length >= NAME_CHARACTERS_MIN && !KNOWN.has(name))
    .flatMap((name) => {
      const meant = [...KNOWN].find((known) => isNear(name.toUpperCase().replaceAll('-', '_'), known));
      return meant === undefined ? [] : [{ name, meant }];
    });
}

/** Whether at most so many letters have to be put in, taken out or replaced. */
function isNear(name: string, known: string): boolean {
  if (Math.abs(name.length - known.length) > CHANGES_MAX) return false;
  let row = Array.from({ length: known.length + 1 }, (_, index) => index);
  for (const [at, letter] of name.split('').entries()) {
    const next = [at + 1];
    for (let index = 0; index < known.length; index += 1) {
      const replaced = (row[index] ?? 0) + (known[index] === letter ? 0 : 1);
      next.push(Math.min(replaced, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return (row.at(-1) ?? 0) <= CHANGES_MAX;
}
