import type { Access } from '../../domain/access.js';
import { databaseKey, tableKey, type CatalogSnapshot } from '../../domain/catalog.js';
import { TABLE_PRIVILEGES, type NeededPrivilege, type Privilege } from '../../domain/privilege.js';
import type { MetadataSight, SightKind } from '../../sql/metadata-sight.js';

export interface MetadataNeeds {
  /** With these the answer is whole. */
  readonly needs: readonly NeededPrivilege[];
  /** What the grant has not, so that the answer would leave out what is there: `TRIGGER ON shop.*`. */
  readonly lacking: readonly string[];
}

interface GrantScene {
  /** What the grant may have at all. */
  readonly access: readonly Access[];
  readonly standing: readonly Access[];
  /** Undefined where it is not known. */
  readonly snapshot: CatalogSnapshot | undefined;
}

/** One of these shows it; what does least first. */
const SHOWN_WITH: Readonly<Record<SightKind, readonly Privilege[]>> = {
  tables: [
    'REFERENCES',
    'INDEX',
    'SHOW VIEW',
    'TRIGGER',
    'SELECT',
    'ALTER',
    'INSERT',
    'UPDATE',
    'DELETE',
    'DROP',
    'CREATE',
  ],
  triggers: ['TRIGGER'],
  events: ['EVENT'],
  routines: ['EXECUTE', 'ALTER ROUTINE', 'CREATE ROUTINE'],
  // No privilege of a database does: servers show it to who made the routine, and to accounts of the whole server.
  'routine-text': [],
  'view-text': ['SHOW VIEW'],
};

/** What a grant needs to see all of what a statement lists, in the databases that it covers. */
export function metadataNeeds(sights: readonly MetadataSight[], scene: GrantScene): MetadataNeeds {
  const needs: NeededPrivilege[] = [];
  const lacking = new Set<string>();
  for (const sight of sights) {
    for (const rule of scene.access) {
      if (!isAbout(sight, rule, scene.snapshot) || isNothingThere(sight.kind, rule, scene.snapshot)) continue;
      const found = shownWith(sight.kind, rule, scene.standing);
      if (found === undefined) lacking.add(describeLack(sight.kind, rule));
      else needs.push(...found);
    }
  }
  return { needs, lacking: [...lacking] };
}

function isAbout({ database }: MetadataSight, rule: Access, snapshot: CatalogSnapshot | undefined): boolean {
  if (database === null || database === rule.database) return true;
  return snapshot !== undefined && databaseKey(snapshot, database) === databaseKey(snapshot, rule.database);
}

/** What a rule about single tables says nothing of, and what the catalog knows not to be there. */
function isNothingThere(kind: SightKind, rule: Access, snapshot: CatalogSnapshot | undefined): boolean {
  const { database, tables } = rule;
  const isOfDatabase = kind === 'events' || kind === 'routines' || kind === 'routine-text';
  if (tables !== undefined && isOfDatabase) return true;
  if (snapshot === undefined || snapshot.problem !== null) return false;
  const own = databaseKey(snapshot, database);
  const isIn = (other: string, table: string): boolean =>
    databaseKey(snapshot, other) === own &&
    (tables === undefined ||
      tables.some((name) => tableKey(snapshot, database, name) === tableKey(snapshot, other, table)));
  if (kind === 'triggers') {
    if (snapshot.triggersUnseen.has(own)) return false;
    return ![...snapshot.triggers.values()].flat().some(({ database: other, table }) => isIn(other, table));
  }
  if (kind !== 'view-text') return false;
  return ![...snapshot.tables.values()].some((one) => one.kind === 'view' && isIn(one.database, one.table));
}

/** Undefined when the rule has nothing that shows it. */
function shownWith(
  kind: SightKind,
  { database, tables, privileges }: Access,
  standing: readonly Access[],
): readonly NeededPrivilege[] | undefined {
  // Something stands, so the database is listed: for the rest of its tables nothing that reads rows is lent.
  const isListed = standing.some((rule) => rule.database === database && rule.privileges.length > 0);
  if (kind === 'tables' && isListed) return [];
  const having = SHOWN_WITH[kind].filter((privilege) => privileges.includes(privilege));
  const stands = (privilege: Privilege): boolean =>
    standing.some(
      (rule) =>
        rule.database === database &&
        rule.privileges.includes(privilege) &&
        (rule.tables === undefined || tables?.every((table) => rule.tables?.includes(table)) === true),
    );
  const privilege = having.find(stands) ?? having[0];
  if (privilege === undefined) return undefined;
  if (tables === undefined || !TABLE_PRIVILEGES.has(privilege)) return [{ on: 'database', privilege, database }];
  return tables.map((table) => ({ on: 'table', privilege, database, table }));
}

function describeLack(kind: SightKind, { database, tables }: Access): string {
  const [privilege] = SHOWN_WITH[kind];
  if (privilege === undefined) return `the text of a routine of ${database}, which no grant shows`;
  return `${privilege} ON ${database}.${tables === undefined ? '*' : `(${tables.join(', ')})`}`;
}
