import { databaseKey, type CatalogSnapshot, type CodeTouch } from '../../sql/catalog.js';
import { SYSTEM_DATABASES } from '../../sql/privilege.js';
import { parseServerVersion } from '../sql/text/dialect.js';
import type { AdminConnection } from '../account/admin-connection.js';
import { buildSnapshot, unusableSnapshot, type CatalogReading, type KnownCode } from './build-snapshot.js';
import { readDefaults, readForeignKeys, readImplicitColumns, readRows, type CatalogRows } from './read-rows.js';
import { triggersUnseenIn } from './trigger-sight.js';

/** How often what was read may lead to further databases. */
const ROUNDS_MAX = 4;
const DATABASES_MAX = 64;

/** What a snapshot is read for. */
export interface SnapshotWish {
  readonly takenAtMs: number;
  /** What their code leads to is read as well. */
  readonly databases: readonly string[];
  /** What texts touch, as found for the snapshot before. */
  readonly codeBefore: ReadonlyMap<string, CodeTouch>;
}

/** A snapshot, and what texts were found to touch for it. */
export interface ReadSnapshot {
  readonly snapshot: CatalogSnapshot;
  readonly code: ReadonlyMap<string, CodeTouch>;
}

/** Reads a target's catalog once. @throws BrokerError when the target does not answer */
export async function readSnapshot(admin: AdminConnection, wish: SnapshotWish): Promise<ReadSnapshot> {
  const { takenAtMs, codeBefore } = wish;
  const [settings] = await admin.rows('SELECT @@lower_case_table_names');
  const foldsCase = settings?.[0] !== '0';
  const databases: string[] = [];
  const rows: CatalogRows[] = [];
  const known: KnownCode = { before: codeBefore, used: new Map() };
  const start = { takenAtMs, foldsCase, flavour: admin.flavour, serverVersion: versionOf(admin), databases };
  const unusable = (problem: string): ReadSnapshot => ({
    snapshot: unusableSnapshot(start, problem),
    code: codeBefore,
  });
  const foreignKeys = await readForeignKeys(admin);
  if (foreignKeys === undefined) return unusable('the target has more foreign keys than the broker reads');
  const reading = (): CatalogReading => ({
    ...start,
    rows,
    foreignKeys: foreignKeys.filter(({ parent }) => isAmong(databases, parent[0], foldsCase)),
    implicitColumns: [],
    defaults: [],
    triggersUnseen: new Map(),
  });
  let next: readonly string[] = wish.databases;
  for (let round = 0; next.length > 0; round += 1) {
    databases.push(...next);
    if (round === ROUNDS_MAX || databases.length > DATABASES_MAX) {
      return unusable('the databases of this grant lead to more other databases than the broker reads');
    }
    const read = await readRows(admin, next);
    if ('tooLarge' in read) return unusable(read.tooLarge);
    rows.push(read);
    next = furtherDatabases(buildSnapshot(reading(), known));
  }
  const whole = reading();
  const updating = whole.foreignKeys.some(({ rules }) => rules >> 2 !== 0);
  const snapshot = buildSnapshot(
    {
      ...whole,
      implicitColumns: updating ? await readImplicitColumns(admin, databases) : [],
      defaults: await readDefaults(admin, databases),
      triggersUnseen: await triggersUnseenIn(admin, databases),
    },
    known,
  );
  return { snapshot, code: known.used };
}

function versionOf(admin: AdminConnection): number {
  return parseServerVersion(admin.greeting.serverVersion);
}

/** The databases that stored code and foreign keys lead to, and that the snapshot does not cover. */
function furtherDatabases(snapshot: CatalogSnapshot): readonly string[] {
  const code = [
    ...snapshot.views.values(),
    ...[...snapshot.triggers.values()].flat(),
    ...snapshot.routines.values(),
  ].flatMap(({ touches }) => [...touches.tables, ...touches.routines]);
  const children = [...snapshot.foreignKeys.values()].flat().map(({ child }) => child);
  const named = new Set([...code, ...children].flatMap(({ database }) => (database === null ? [] : [database])));
  return [...named].filter(
    (name) => !isAmong(snapshot.databases, name, snapshot.foldsCase) && !SYSTEM_DATABASES.has(name.toLowerCase()),
  );
}

function isAmong(databases: readonly string[], name: string, foldsCase: boolean): boolean {
  const folded = databaseKey({ foldsCase }, name);
  return databases.some((database) => databaseKey({ foldsCase }, database) === folded);
}
