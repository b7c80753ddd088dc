import type { ProtocolValue } from '../../domain/protocol-value.js';
import type { Access } from './access.js';
import { accessRules } from './access-schema.js';

/** What of an access none of the others has, by database, table and privilege; a whole database covers its tables. */
export function accessBeyond(
  access: readonly ProtocolValue[],
  others: readonly (readonly ProtocolValue[])[],
): readonly Access[] {
  const had = new Set(others.flatMap((other) => accessRules.parse(other).flatMap(keysOf)));
  return accessRules.parse(access).flatMap((rule) => beyondOf(rule, had));
}

function beyondOf({ database, tables, privileges }: Access, had: ReadonlySet<string>): readonly Access[] {
  const isNew = (privilege: string, table: string | null): boolean =>
    !had.has(keyOf(database, null, privilege)) && (table === null || !had.has(keyOf(database, table, privilege)));
  if (tables === undefined) {
    const left = privileges.filter((privilege) => isNew(privilege, null));
    return left.length === 0 ? [] : [{ database, privileges: left }];
  }
  // Tables that lack the same stand in one rule.
  const found = new Map<string, { readonly tables: string[]; readonly privileges: Access['privileges'] }>();
  for (const table of tables) {
    const left = privileges.filter((privilege) => isNew(privilege, table));
    if (left.length === 0) continue;
    const key = left.join();
    const rule = found.get(key) ?? { tables: [], privileges: left };
    rule.tables.push(table);
    found.set(key, rule);
  }
  return [...found.values()].map((rule) => ({ database, ...rule }));
}

function keysOf({ database, tables, privileges }: Access): readonly string[] {
  const places = tables ?? [null];
  return places.flatMap((table) => privileges.map((privilege) => keyOf(database, table, privilege)));
}

function keyOf(database: string, table: string | null, privilege: string): string {
  return JSON.stringify([database, table, privilege]);
}
