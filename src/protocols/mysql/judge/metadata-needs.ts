import type { Access } from '../../sql/access.js';
import { databaseKey, tableKey, type CatalogDefiner, type CatalogSnapshot } from '../../sql/catalog.js';
import type { Flavour } from '../flavour.js';
import { TABLE_PRIVILEGES, type NeededPrivilege, type Privilege } from '../../sql/privilege.js';
import type { MetadataSight, SightKind } from '../sql/metadata-sight.js';

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
  /** The task account, as servers list it. */
  readonly account: string;
  readonly flavour: Flavour;
  /** Undefined where it is not known. */
  readonly snapshot: CatalogSnapshot | undefined;
}

/** One of these shows a table; what does least first. */
const OF_TABLES: readonly Privilege[] = [
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
];
const OF_ROUTINES: readonly Privilege[] = ['EXECUTE', 'ALTER ROUTINE', 'CREATE ROUTINE'];

const SHOWN_WITH: Readonly<Record<SightKind, readonly Privilege[]>> = {
  databases: [...OF_TABLES, ...OF_ROUTINES, 'EVENT', 'CREATE VIEW', 'LOCK TABLES', 'CREATE TEMPORARY TABLES'],
  tables: OF_TABLES,
  columns: ['REFERENCES', 'SELECT', 'INSERT', 'UPDATE'],
  triggers: ['TRIGGER'],
  events: ['EVENT'],
  routines: OF_ROUTINES,
  // No privilege of a database shows it: servers show it to whom the routine belongs, and to accounts of the whole server.
  // So what does is lent for a statement that names the routine, to a grant that may use it.
  'routine-text': OF_ROUTINES,
  'view-text': ['SHOW VIEW'],
};

/** What a grant needs to see all of what a statement lists, in the databases that it covers. */
export function metadataNeeds(sights: readonly MetadataSight[], scene: GrantScene): MetadataNeeds {
  const needs: NeededPrivilege[] = [];
  const lacking = new Set<string>();
  for (const sight of sights) {
    for (const rule of scene.access) {
      if (!isAbout(sight, rule, scene.snapshot) || isNothingThere(sight, rule, scene)) continue;
      const found = shownWith(sight, rule, scene);
      if (found === undefined) lacking.add(describeLack(sight, rule));
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
function isNothingThere(
  { kind, table, routine }: MetadataSight,
  rule: Access,
  { snapshot, account }: Pick<GrantScene, 'snapshot' | 'account'>,
): boolean {
  const { database, tables } = rule;
  const isOfDatabase = kind === 'events' || kind === 'routines' || kind === 'routine-text';
  if (tables !== undefined && isOfDatabase) return true;
  if (snapshot === undefined || snapshot.problem !== null) return false;
  const own = databaseKey(snapshot, database);
  const isIn = (other: string, name: string): boolean => {
    const key = tableKey(snapshot, other, name);
    if (databaseKey(snapshot, other) !== own || (table !== undefined && tableKey(snapshot, database, table) !== key)) {
      return false;
    }
    return tables === undefined || tables.some((one) => tableKey(snapshot, database, one) === key);
  };
  if (kind === 'triggers') {
    if (snapshot.triggersUnseen.has(own)) return false;
    return ![...snapshot.triggers.values()].flat().some(({ database: other, table }) => isIn(other, table));
  }
  if (kind === 'routine-text') {
    const isAsked = (one: CatalogDefiner): boolean =>
      routine === undefined || (one.kind === routine.kind && one.name.toLowerCase() === routine.name.toLowerCase());
    const hidden = snapshot.definers.filter((one) => one.account !== account && isAsked(one));
    return !hidden.some((one) => databaseKey(snapshot, one.database) === own);
  }
  if (kind !== 'view-text') return false;
  return ![...snapshot.tables.values()].some((one) => one.kind === 'view' && isIn(one.database, one.table));
}

/** Undefined when the grant has nothing that shows it there. */
function shownWith(
  { kind, routine }: MetadataSight,
  place: Access,
  { access, standing, flavour }: GrantScene,
): readonly NeededPrivilege[] | undefined {
  const { database, tables } = place;
  if (kind === 'databases' && standing.some((rule) => rule.database === database && rule.privileges.length > 0))
    return [];
  const isOneOf = (rules: readonly Access[]) => (privilege: Privilege) =>
    rules.some((rule) => rule.privileges.includes(privilege) && covers(rule, place));
  if ((kind === 'tables' || kind === 'columns') && !OF_TABLES.some(isOneOf(access))) return []; // no table is the grant's
  const having = SHOWN_WITH[kind].filter(isOneOf(access));
  const privilege = having.find(isOneOf(standing)) ?? having[0];
  if (privilege === undefined) return undefined;
  if (kind === 'routine-text') {
    const lent = flavour === 'mysql' ? 'SHOW_ROUTINE' : 'SELECT';
    return routine === undefined ? undefined : [{ on: 'routine-texts', privilege: lent, database }];
  }
  if (tables === undefined || !TABLE_PRIVILEGES.has(privilege)) return [{ on: 'database', privilege, database }];
  return tables.map((table) => ({ on: 'table', privilege, database, table }));
}

function covers(rule: Access, { database, tables }: Access): boolean {
  if (rule.database !== database) return false;
  return rule.tables === undefined || tables?.every((table) => rule.tables?.includes(table)) === true;
}

function describeLack({ kind, routine }: MetadataSight, { database, tables }: Access): string {
  if (kind === 'routine-text' && routine === undefined) {
    return `the texts of other accounts' routines of ${database}, which SHOW CREATE alone shows, one by one`;
  }
  return `${SHOWN_WITH[kind][0] ?? kind} ON ${database}.${tables === undefined ? '*' : `(${tables.join(', ')})`}`;
}
