import type { PolicySubject } from '../../../domain/verdict.js';
import { unreachable } from '../../../kernel/assert.js';
import { type Place, targetPlace } from '../../../policy/vocabulary.js';

/** What a statement is about. */
export type ResourcePlace =
  | { readonly kind: 'target' }
  | { readonly kind: 'database'; readonly database: string }
  | { readonly kind: 'table'; readonly database: string; readonly table: string };

/** The place as policies know it, with ids such as `shop`, `shop/orders_db`, `shop/orders_db.orders`. */
export function placeOf(target: PolicySubject['target'], place: ResourcePlace): Place {
  switch (place.kind) {
    case 'target':
      return targetPlace(target);
    case 'database':
      return {
        type: 'Database',
        id: databaseId(target.name, place.database),
        attributes: { name: place.database },
        above: targetPlace(target),
      };
    case 'table':
      return {
        type: 'Table',
        id: `${databaseId(target.name, place.database)}.${escaped(place.table)}`,
        attributes: { name: place.table, database: place.database },
        above: placeOf(target, { kind: 'database', database: place.database }),
      };
    default:
      return unreachable(place);
  }
}

/** Of the ids of tables that policies name, the names of those in one database. */
export function tablesNamedIn(ids: ReadonlySet<string>, target: string, database: string): readonly string[] {
  const before = `${databaseId(target, database)}.`;
  return [...ids].filter((id) => id.startsWith(before)).map((id) => unescaped(id.slice(before.length)));
}

function databaseId(target: string, database: string): string {
  return `${target}/${escaped(database)}`;
}

/** Names may hold anything: what separates them is escaped as in URLs, so that no table can pass for another one. */
function escaped(name: string): string {
  return name.replace(/[%/.]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function unescaped(name: string): string {
  return name.replace(/%(2F|2E|25)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
