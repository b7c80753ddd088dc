import type { Access } from '../access.js';
import { type Privilege, TABLE_PRIVILEGES } from '../privilege.js';
import type { PolicySubject } from '../../../domain/verdict.js';
import type { PolicySet } from '../../../policy/policy-set.js';
import { tablesNamedIn } from './places.js';
import { contextOf, statementCase, type StatementScene } from './questions.js';
import { PRIVILEGE_SHAPES, type Shape } from './shapes.js';

/** No table has this name, so that no policy was written for it. */
export const ANY_TABLE = '?';
/** Of more tables than this, the rest get their privileges statement by statement. */
const TABLES_ASKED_MAX = 100;

/**
 * Which of a grant's privileges may stand on the target for the whole grant: those with which nothing could run that
 * policy holds or denies. A privilege stands on a whole database only if that is so for every table it has, for those
 * that policies name, and for one that nobody knows yet; else on the tables for which it is so, by their names.
 */
export function standingAccess(
  policies: PolicySet,
  subject: PolicySubject,
  access: readonly Access[],
  tablesOf: (database: string) => readonly string[],
): readonly Access[] {
  return access.flatMap((rule) => {
    const scope = scopeOf(policies, subject, rule, tablesOf);
    const standings = rule.privileges.map((privilege) => ({ privilege, on: standsOn(scope, privilege) }));
    return rulesOf(rule, standings);
  });
}

/** `all`: on everything that the rule asks for. */
type Standing = 'all' | readonly string[];

interface Scope {
  /** The tables that the rule names, or that the database has. */
  readonly tables: readonly string[];
  /** The rule is for tables that nobody knows yet too. */
  readonly isWhole: boolean;
  /** Tables that policies name, whether they are there or not. */
  readonly named: readonly string[];
  /** Policies look at names in other ways: any table may be another matter than the next. */
  readonly looksAtNames: boolean;
  /** Statements that policies can tell apart. */
  readonly shapesOf: (privilege: Privilege) => readonly Shape[];
  readonly isAllowed: (shape: Shape, table: string) => boolean;
}

function scopeOf(
  policies: PolicySet,
  subject: PolicySubject,
  { database, tables }: Access,
  tablesOf: (database: string) => readonly string[],
): Scope {
  return {
    tables: tables ?? tablesOf(database),
    isWhole: tables === undefined,
    named: tablesNamedIn(policies.sight.named, subject.target.name, database),
    looksAtNames: policies.sight.names,
    shapesOf: (privilege) =>
      distinctShapes(PRIVILEGE_SHAPES[privilege], policies, (shape) =>
        shapeScene(subject, { shape, database, table: ANY_TABLE }),
      ),
    isAllowed: (shape, table) =>
      policies.judge(statementCase(shapeScene(subject, { shape, database, table }))).verdict === 'allow',
  };
}

function standsOn(scope: Scope, privilege: Privilege): Standing {
  const { tables, isWhole, named, looksAtNames, isAllowed } = scope;
  const shapes = scope.shapesOf(privilege);
  const isAlone = new Set(named);
  const known = new Map<string, boolean>();
  const stands = (table: string): boolean => {
    // Where policies cannot tell tables apart, what holds for one holds for all.
    const judged = looksAtNames || isAlone.has(table) ? table : ANY_TABLE;
    const answer = known.get(judged) ?? shapes.every((shape) => isAllowed(shape, judged));
    known.set(judged, answer);
    return answer;
  };
  const isForAll = isWhole ? !looksAtNames && [ANY_TABLE, ...named].every(stands) : tables.every(stands);
  if (isForAll) return 'all';
  return TABLE_PRIVILEGES.has(privilege) ? tables.slice(0, TABLES_ASKED_MAX).filter(stands) : [];
}

/** Of shapes that differ in nothing a policy looks at, one: asking costs a tenth of a millisecond each time. */
export function distinctShapes(
  shapes: readonly Shape[],
  { sight }: PolicySet,
  scene: (shape: Shape) => StatementScene,
): readonly Shape[] {
  const bySight = new Map<string, Shape>();
  for (const shape of shapes) {
    const seen = Object.entries(contextOf(scene(shape))).filter(([name]) => sight.context?.has(name) ?? true);
    bySight.set(JSON.stringify([shape.action, shape.tableAction, seen]), shape);
  }
  return [...bySight.values()];
}

/** One rule for what stands on everything, and one for each list of tables. */
function rulesOf(
  { database, tables }: Access,
  standings: readonly { readonly privilege: Privilege; readonly on: Standing }[],
): readonly Access[] {
  const byPlace = new Map<
    string,
    { readonly tables: readonly string[] | undefined; privileges: readonly Privilege[] }
  >();
  for (const { privilege, on } of standings) {
    if (on !== 'all' && on.length === 0) continue;
    const place = on === 'all' ? tables : on;
    const key = JSON.stringify(place ?? null);
    const privileges = byPlace.get(key)?.privileges ?? [];
    byPlace.set(key, { tables: place, privileges: [...privileges, privilege] });
  }
  return [...byPlace.values()].map((rule) =>
    rule.tables === undefined
      ? { database, privileges: rule.privileges }
      : { database, tables: rule.tables, privileges: rule.privileges },
  );
}

/** The scene of one statement that a privilege is for. */
export function shapeScene(
  subject: PolicySubject,
  { shape, database, table }: { readonly shape: Shape; readonly database: string; readonly table: string },
): StatementScene {
  const { kind, action, tableAction, where, hasLimit, flags, inTransaction, inOwnDatabase } = shape;
  return {
    ...subject,
    // Code that is run is the database's own, wherever the session stands.
    database: inOwnDatabase || tableAction === null ? database : null,
    inTransaction,
    facts: {
      kind,
      action,
      statements: 1,
      tables: tableAction === null ? [] : [{ database, table, action: tableAction, by: 'text' }],
      columns: [],
      functions: [],
      unknownFunctions: [],
      where,
      hasLimit,
      flags,
      triggers: [],
      notUnderstood: null,
    },
  };
}
