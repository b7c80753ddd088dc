import type { StatementFacts } from '../statement.js';

/** `shop.total` for a stored routine of a named database, else its name alone, in lower case. */
export function routineName({ database, name }: StatementFacts['unknownFunctions'][number]): string {
  return database === null ? name.toLowerCase() : `${database}.${name.toLowerCase()}`;
}
