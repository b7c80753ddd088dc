import type { EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicySubject } from '../domain/verdict.js';
import { unreachable } from '../kernel/assert.js';
import { ACTION_GROUPS } from '../protocols/sql/policy/schema.js';

export type ResourcePlace =
  | { readonly kind: 'target' }
  | { readonly kind: 'database'; readonly database: string }
  | { readonly kind: 'table'; readonly database: string; readonly table: string };

/** The id of a place: `shop`, `shop/orders_db`, `shop/orders_db.orders`. */
export function resourceId(target: string, place: ResourcePlace): string {
  switch (place.kind) {
    case 'target':
      return target;
    case 'database':
      return `${target}/${escaped(place.database)}`;
    case 'table':
      return `${target}/${escaped(place.database)}.${escaped(place.table)}`;
    default:
      return unreachable(place);
  }
}

/** Names may hold anything: what separates them is escaped as in URLs, so that no table can pass for another one. */
function escaped(name: string): string {
  return name.replace(/[%/.]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Of the ids of tables, the names of those in one database. */
export function tablesNamedIn(ids: ReadonlySet<string>, target: string, database: string): readonly string[] {
  const before = `${resourceId(target, { kind: 'database', database })}.`;
  return [...ids].filter((id) => id.startsWith(before)).map((id) => unescaped(id.slice(before.length)));
}

function unescaped(name: string): string {
  return name.replace(/%(2F|2E|25)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

const RESOURCE_TYPES = { target: 'Target', database: 'Database', table: 'Table' } as const;
const PRINCIPAL_TYPES: Readonly<Record<string, string>> = { agent: 'Agent', user: 'User', service: 'Service' };

export function principalUid({ name, kind }: PolicySubject['principal']): TypeAndId {
  return { type: PRINCIPAL_TYPES[kind] ?? 'Agent', id: name };
}

export function actionUid(action: string): TypeAndId {
  return { type: 'Action', id: action };
}

export function resourceUid(target: string, place: ResourcePlace): TypeAndId {
  return { type: RESOURCE_TYPES[place.kind], id: resourceId(target, place) };
}

/** All that a request about this place may look at. */
export function entitiesOf(
  { principal, target }: PolicySubject,
  place: ResourcePlace,
  withLabels: boolean,
): readonly EntityJson[] {
  const { name, kind } = principal;
  const tags = withLabels ? { tags: { ...target.labels } } : {};
  return [
    { uid: principalUid(principal), attrs: { name, kind }, parents: [] },
    ...placesTo(place).map((at): EntityJson => {
      const above = placeAbove(at);
      return {
        uid: resourceUid(target.name, at),
        attrs: { ...attributesOf(at, target), target: target.name },
        parents: above === undefined ? [] : [resourceUid(target.name, above)],
        ...tags,
      };
    }),
  ];
}

function attributesOf(place: ResourcePlace, target: PolicySubject['target']): Readonly<Record<string, string>> {
  switch (place.kind) {
    case 'target':
      return { name: target.name, flavour: target.flavour };
    case 'database':
      return { name: place.database };
    case 'table':
      return { name: place.table, database: place.database };
    default:
      return unreachable(place);
  }
}

function placeAbove(place: ResourcePlace): ResourcePlace | undefined {
  switch (place.kind) {
    case 'target':
      return undefined;
    case 'database':
      return { kind: 'target' };
    case 'table':
      return { kind: 'database', database: place.database };
    default:
      return unreachable(place);
  }
}

function placesTo(place: ResourcePlace): readonly ResourcePlace[] {
  const above = placeAbove(place);
  return above === undefined ? [place] : [place, ...placesTo(above)];
}

/** An action with the groups it is in, and the groups they are in. */
export function actionEntities(action: string): readonly EntityJson[] {
  const groups = groupsOf(action);
  const parents = groups.map(actionUid);
  return [{ uid: actionUid(action), attrs: {}, parents }, ...groups.flatMap(actionEntities)];
}

function groupsOf(action: string): readonly string[] {
  const table: Readonly<Record<string, readonly string[]>> = ACTION_GROUPS;
  return table[action] ?? [];
}
