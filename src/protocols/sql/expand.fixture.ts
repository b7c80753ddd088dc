import {
  routineKey,
  tableKey,
  type CatalogForeignKey,
  type CatalogRoutine,
  type CatalogSnapshot,
  type CatalogTrigger,
  type CodeTouch,
  type TriggerEvent,
} from './catalog.js';
import type { StatementFacts, TableAction, TableUse } from './statement.js';

/** A target that tells names of other letter case apart. */
export const CASE = { foldsCase: false };

export function use(table: string, action: TableAction = 'read', by: TableUse['by'] = 'text'): TableUse {
  return { database: 'shop', table, action, by };
}

export function touch(tables: readonly TableUse[], more: Partial<CodeTouch> = {}): CodeTouch {
  return { tables, functions: [], routines: [], unknown: null, ...more };
}

export function statement(facts: Partial<StatementFacts>): StatementFacts {
  return {
    kind: 'select',
    action: 'read',
    statements: 1,
    tables: [],
    columns: [],
    functions: [],
    unknownFunctions: [],
    where: 'none',
    hasLimit: false,
    flags: [],
    triggers: [],
    notUnderstood: null,
    ...facts,
  };
}

interface Shop {
  readonly views?: Readonly<Record<string, CodeTouch>>;
  readonly triggers?: readonly (readonly [name: string, table: string, event: TriggerEvent, touches: CodeTouch])[];
  readonly foreignKeys?: readonly Partial<CatalogForeignKey>[];
  readonly routines?: readonly Pick<CatalogRoutine, 'kind' | 'name' | 'touches'>[];
  readonly more?: Partial<CatalogSnapshot>;
}

export function shop({ views = {}, triggers = [], foreignKeys = [], routines = [], more = {} }: Shop): CatalogSnapshot {
  const byTable = Map.groupBy(
    triggers.map(([name, table, event, touches]): CatalogTrigger => ({
      database: 'shop',
      name,
      table,
      event,
      touches,
    })),
    ({ table }) => tableKey(CASE, 'shop', table),
  );
  const keys = foreignKeys.map((key): CatalogForeignKey => ({
    name: 'fk',
    child: { database: 'shop', table: 'child' },
    parent: { database: 'shop', table: 'parent' },
    onDelete: 'none',
    onUpdate: 'none',
    parentColumns: ['id'],
    ...key,
  }));
  return {
    version: 'v',
    takenAtMs: 0,
    foldsCase: false,
    definers: [],
    databases: ['shop'],
    tables: new Map(),
    views: new Map(
      Object.entries(views).map(([table, touches]) => [
        tableKey(CASE, 'shop', table),
        { database: 'shop', table, isUpdatable: true, listsOneTable: true, touches },
      ]),
    ),
    triggers: byTable,
    foreignKeys: Map.groupBy(keys, ({ parent }) => tableKey(CASE, parent.database, parent.table)),
    routines: new Map(
      routines.map((routine) => [
        routineKey(CASE, routine.kind, 'shop', routine.name),
        { ...routine, database: 'shop' },
      ]),
    ),
    defaults: new Map(),
    triggersUnseen: new Map(),
    problem: null,
    ...more,
  };
}

export function tablesOf(facts: StatementFacts): readonly string[] {
  return facts.tables.map(({ table, action, by }) => `${action} ${table} (${by})`);
}
