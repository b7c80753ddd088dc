import { createHash } from 'node:crypto';
import {
  databaseKey,
  routineKey,
  tableKey,
  TRIGGER_EVENTS,
  type CatalogDefaults,
  type CatalogDefiner,
  type CatalogForeignKey,
  type CatalogRoutine,
  type CatalogSnapshot,
  type CatalogTable,
  type CatalogTrigger,
  type CatalogView,
  type CodeTouch,
  type ForeignKeyRule,
  type TableKey,
} from '../../sql/catalog.js';
import type { TableUse } from '../../sql/statement.js';
import type { SqlDialect } from '../sql/text/dialect.js';
import type { Flavour } from '../flavour.js';
import { parseSqlMode } from '../sql/text/dialect.js';
import { bodyTouch, defaultTouch, unseenCode, viewListsOneTable, viewTouch } from '../sql/stored/stored-code.js';
import type { AdminRow } from '../account/own-connection.js';
import { CODE_CHARACTERS_MAX, type CatalogRows, type ForeignKeyRow } from './read-rows.js';

/** All that was read of a target for one snapshot. */
export interface CatalogReading {
  readonly takenAtMs: number;
  readonly flavour: Flavour;
  /** As executable comments spell it. */
  readonly serverVersion: number;
  readonly foldsCase: boolean;
  readonly databases: readonly string[];
  readonly rows: readonly CatalogRows[];
  readonly foreignKeys: readonly ForeignKeyRow[];
  readonly implicitColumns: readonly AdminRow[];
  /** database, table, expression */
  readonly defaults: readonly AdminRow[];
  readonly triggersUnseen: ReadonlyMap<string, string>;
}

/** What texts were found to touch: code seldom changes from one snapshot to the next. */
export interface KnownCode {
  readonly before: ReadonlyMap<string, CodeTouch>;
  /** Is added to. */
  readonly used: Map<string, CodeTouch>;
}

/** Makes a snapshot of what was read. */
export function buildSnapshot(reading: CatalogReading, known: KnownCode): CatalogSnapshot {
  const analyst = new CodeAnalyst(reading, known);
  const { rows, foldsCase } = reading;
  const all = (select: (part: CatalogRows) => readonly AdminRow[]): readonly AdminRow[] => rows.flatMap(select);
  const snapshot = {
    takenAtMs: reading.takenAtMs,
    foldsCase,
    databases: reading.databases,
    tables: tablesOf(reading, all),
    views: viewsOf(reading, all, analyst),
    triggers: triggersOf(reading, all, analyst),
    foreignKeys: foreignKeysOf(reading),
    defaults: defaultsOf(reading, analyst),
    routines: routinesOf(reading, all, analyst),
    definers: definersOf(all),
    triggersUnseen: new Map([...reading.triggersUnseen].map(([name, why]) => [databaseKey(reading, name), why])),
    problem: null,
  };
  return { version: versionOf(reading, all), ...snapshot };
}

/** A snapshot that says of everything that it cannot be known. */
export function unusableSnapshot(
  reading: Pick<CatalogReading, 'takenAtMs' | 'foldsCase' | 'databases'>,
  problem: string,
): CatalogSnapshot {
  return {
    version: createHash('sha256').update(JSON.stringify(problem)).digest('hex'),
    takenAtMs: reading.takenAtMs,
    foldsCase: reading.foldsCase,
    databases: reading.databases,
    tables: new Map(),
    views: new Map(),
    triggers: new Map(),
    foreignKeys: new Map(),
    defaults: new Map(),
    routines: new Map(),
    definers: [],
    triggersUnseen: new Map(),
    problem,
  };
}

type AllRows = (select: (part: CatalogRows) => readonly AdminRow[]) => readonly AdminRow[];

const TABLE_KINDS: Readonly<Record<string, CatalogTable['kind']>> = { VIEW: 'view', SEQUENCE: 'sequence' };

function tablesOf(reading: CatalogReading, all: AllRows): ReadonlyMap<TableKey, CatalogTable> {
  return new Map(
    all(({ tables }) => tables).map(([database, table, type, engine]) => {
      const key = tableKey(reading, String(database), String(table));
      const kind = TABLE_KINDS[type ?? ''] ?? 'table';
      return [key, { database: String(database), table: String(table), kind, engine: engine ?? null }];
    }),
  );
}

function viewsOf(reading: CatalogReading, all: AllRows, analyst: CodeAnalyst): ReadonlyMap<TableKey, CatalogView> {
  const usage = new Map<TableKey, TableUse[]>();
  for (const [database, view, readDatabase, read] of all(({ viewTables }) => viewTables)) {
    const key = tableKey(reading, String(database), String(view));
    const use: TableUse = { database: String(readDatabase), table: String(read), action: 'read', by: 'text' };
    usage.set(key, [...(usage.get(key) ?? []), use]);
  }
  return new Map(
    all(({ views }) => views).map(([database, view, definition, isUpdatable]) => {
      const key = tableKey(reading, String(database), String(view));
      const touches = withTables(analyst.view(definition ?? null, String(database)), usage.get(key) ?? []);
      const listsOneTable = analyst.viewListsOneTable(definition ?? null, String(database));
      const name = { database: String(database), table: String(view) };
      return [key, { ...name, isUpdatable: isUpdatable !== 'NO', listsOneTable, touches }];
    }),
  );
}

/** MySQL's own account of what a view reads is added to what was found in its text: one of them may know more. */
function withTables(touches: CodeTouch, read: readonly TableUse[]): CodeTouch {
  const known = new Set(touches.tables.map(({ database, table }) => JSON.stringify([database, table])));
  const further = read.filter(({ database, table }) => !known.has(JSON.stringify([database, table])));
  return further.length === 0 ? touches : { ...touches, tables: [...touches.tables, ...further] };
}

function triggersOf(
  reading: CatalogReading,
  all: AllRows,
  analyst: CodeAnalyst,
): ReadonlyMap<TableKey, readonly CatalogTrigger[]> {
  const triggers = new Map<TableKey, CatalogTrigger[]>();
  for (const [database, name, events, table, body, sqlMode] of all(({ triggers }) => triggers)) {
    const key = tableKey(reading, String(database), String(table));
    const touches = analyst.body(body ?? null, String(database), sqlMode ?? '');
    const trigger = { database: String(database), name: String(name), table: String(table), touches };
    // Newer MariaDB has triggers for several events at once.
    const named = TRIGGER_EVENTS.filter((event) => (events ?? '').toLowerCase().includes(event));
    const fires = named.length === 0 ? TRIGGER_EVENTS : named;
    triggers.set(key, [...(triggers.get(key) ?? []), ...fires.map((event) => ({ ...trigger, event }))]);
  }
  return triggers;
}

function routinesOf(reading: CatalogReading, all: AllRows, analyst: CodeAnalyst): ReadonlyMap<string, CatalogRoutine> {
  const routines = new Map<string, CatalogRoutine>();
  for (const [database, name, type, language, body, sqlMode] of all(({ routines }) => routines)) {
    if (type !== 'FUNCTION' && type !== 'PROCEDURE') continue; // packages: their routines stay unknown
    const kind = type === 'FUNCTION' ? 'function' : 'procedure';
    const touches =
      language === 'SQL' ? analyst.body(body ?? null, String(database), sqlMode ?? '') : unseenCode('it is not in SQL');
    const routine = { kind, database: String(database), name: String(name), touches } as const;
    routines.set(routineKey(reading, kind, String(database), String(name)), routine);
  }
  return routines;
}

function definersOf(all: AllRows): readonly CatalogDefiner[] {
  return all(({ routines }) => routines).map(([database, name, type, , , , account]) => ({
    database: String(database),
    kind: String(type).toLowerCase(),
    name: String(name),
    account: String(account),
  }));
}

function defaultsOf(reading: CatalogReading, analyst: CodeAnalyst): ReadonlyMap<TableKey, CatalogDefaults> {
  const defaults = new Map<TableKey, CatalogDefaults>();
  for (const [database, table, expression] of reading.defaults) {
    const found = analyst.columnDefault(expression ?? null, String(database));
    const isHarmless = found.unknown === null && found.routines.length === 0 && found.flags.length === 0;
    if (isHarmless) continue; // a text with an @ in it, say
    const key = tableKey(reading, String(database), String(table));
    const known = defaults.get(key);
    defaults.set(key, known === undefined ? found : bothDefaults(known, found));
  }
  return defaults;
}

function bothDefaults(one: CatalogDefaults, other: CatalogDefaults): CatalogDefaults {
  return {
    tables: [...one.tables, ...other.tables],
    functions: [...one.functions, ...other.functions],
    routines: [...one.routines, ...other.routines],
    flags: [...one.flags, ...other.flags],
    unknown: one.unknown ?? other.unknown,
  };
}

function foreignKeysOf(reading: CatalogReading): ReadonlyMap<TableKey, readonly CatalogForeignKey[]> {
  const implicit = new Set(
    reading.implicitColumns.map(([database, table, column]) =>
      JSON.stringify([tableKey(reading, String(database), String(table)), String(column).toLowerCase()]),
    ),
  );
  const byKey = new Map<string, CatalogForeignKey>();
  for (const row of reading.foreignKeys) {
    const [database, table] = row.parent;
    const parent = tableKey(reading, database, table);
    const id = JSON.stringify([row.child, row.name]);
    const column = row.parentColumn.toLowerCase();
    const before = byKey.get(id)?.parentColumns;
    const isNamed = before !== null && !implicit.has(JSON.stringify([parent, column]));
    byKey.set(id, {
      name: row.name,
      child: { database: row.child[0], table: row.child[1] },
      parent: { database, table },
      onDelete: ruleOf(row.rules & 3),
      onUpdate: ruleOf((row.rules >> 2) & 3),
      parentColumns: isNamed ? [...(before ?? []), column] : null,
    });
  }
  const byParent = new Map<TableKey, CatalogForeignKey[]>();
  for (const foreignKey of byKey.values()) {
    const key = tableKey(reading, foreignKey.parent.database, foreignKey.parent.table);
    byParent.set(key, [...(byParent.get(key) ?? []), foreignKey]);
  }
  return byParent;
}

function ruleOf(bits: number): ForeignKeyRule {
  if ((bits & 1) !== 0) return 'cascade';
  return bits === 0 ? 'none' : 'set null';
}

/** A digest of what was read, without what changes by itself. */
function versionOf(reading: CatalogReading, all: AllRows): string {
  const { flavour, serverVersion, foldsCase, databases, foreignKeys, implicitColumns, defaults, triggersUnseen } =
    reading;
  const parts = [
    [flavour, serverVersion, foldsCase, databases, [...triggersUnseen]],
    all(({ tables }) => tables),
    all(({ views }) => views),
    all(({ viewTables }) => viewTables).toSorted(byText),
    all(({ triggers }) => triggers),
    all(({ routines }) => routines),
    foreignKeys.toSorted(byText),
    implicitColumns.toSorted(byText),
    defaults,
  ];
  const hash = createHash('sha256');
  for (const part of parts) hash.update(JSON.stringify(part)).update('\n');
  return hash.digest('hex');
}

function byText(left: unknown, right: unknown): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}

/** Analyses each text once. */
class CodeAnalyst {
  readonly #reading: CatalogReading;
  readonly #known: KnownCode;

  constructor(reading: CatalogReading, known: KnownCode) {
    this.#reading = reading;
    this.#known = known;
  }

  view(definition: string | null, database: string): CodeTouch {
    // The server itself prints a view's query, in the plain mode.
    return this.#analyse(definition, database, '', 'SHOW VIEW', viewTouch);
  }

  viewListsOneTable(definition: string | null, database: string): boolean {
    if (definition === null || definition.length > CODE_CHARACTERS_MAX) return false;
    return viewListsOneTable(definition, this.#dialect(''), database);
  }

  columnDefault(expression: string | null, database: string): CatalogDefaults {
    if (expression === null || expression.length > CODE_CHARACTERS_MAX) {
      return { ...unseenCode('the default of a column is longer than the broker reads'), flags: [] };
    }
    return defaultTouch(expression, this.#dialect(''), database);
  }

  body(text: string | null, database: string, sqlMode: string): CodeTouch {
    return this.#analyse(text, database, sqlMode, 'TRIGGER', bodyTouch);
  }

  #analyse(
    text: string | null,
    database: string,
    sqlMode: string,
    privilege: string,
    analyse: (text: string, dialect: SqlDialect, database: string) => CodeTouch,
  ): CodeTouch {
    if (text === null || text === '') return unseenCode(`the broker's account may not see it (${privilege})`);
    if (text.length > CODE_CHARACTERS_MAX) return unseenCode('it is longer than the broker reads');
    const key = JSON.stringify([privilege, database, sqlMode, this.#reading.serverVersion, text]);
    const touches =
      this.#known.used.get(key) ?? this.#known.before.get(key) ?? analyse(text, this.#dialect(sqlMode), database);
    this.#known.used.set(key, touches);
    return touches;
  }

  #dialect(sqlMode: string): SqlDialect {
    const { flavour, serverVersion } = this.#reading;
    return { flavour, version: serverVersion, sqlMode: parseSqlMode(sqlMode) };
  }
}
