import type { AccessRequest } from './access.js';
import type { Privilege } from './privilege.js';

/** Tables as somebody types them: `orders`, `shop.orders`, `shop.*`. */
export interface TypedTables {
  readonly read: readonly string[];
  readonly write: readonly string[];
}

const READING: readonly Privilege[] = ['SELECT'];
const WRITING: readonly Privilege[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
const WHOLE = '*';

/** Whether a table is typed without its database. */
export function needsDatabase({ read, write }: TypedTables): boolean {
  return [...read, ...write].some((typed) => !typed.includes('.'));
}

/**
 * The access that lets somebody read the ones and change the others, a rule for each table. A database with a dot in its
 * name cannot be typed so. A text that says no table stays in its rule, and is refused like any other wrong name.
 */
export function accessOfTables({ read, write }: TypedTables, defaultDatabase: string | null): readonly AccessRequest[] {
  const written = new Set(write);
  return [
    ...[...new Set(read)]
      .filter((typed) => !written.has(typed))
      .map((typed) => ruleOf(typed, READING, defaultDatabase)),
    ...[...written].map((typed) => ruleOf(typed, WRITING, defaultDatabase)),
  ];
}

function ruleOf(typed: string, privileges: readonly Privilege[], defaultDatabase: string | null): AccessRequest {
  const dot = typed.indexOf('.');
  const database = dot === -1 ? (defaultDatabase ?? '') : typed.slice(0, dot);
  const table = typed.slice(dot + 1);
  return table === WHOLE ? { database, privileges } : { database, tables: [table], privileges };
}
