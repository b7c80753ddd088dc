import type { AffectedPreview, PreviewTable, StatementPreview } from '../../../domain/approval.js';
import { tableKey, type CatalogSnapshot, type TableKey } from '../../sql/catalog.js';
import type { StatementFacts } from '../../sql/statement.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { RecordedValue } from '../../../recording/entries/entries.js';
import { expandStatement } from '../../sql/expand.js';
import { PARSERS_DISAGREE } from '../sql/opinion/opinion.js';
import { SAMPLE_CHARACTERS_MAX } from '../sql/preview/preview-column.js';
import { previewQueryOf, type OwnQuery, type PreviewQuery } from '../sql/preview/preview-query.js';
import type { AdminConnection } from '../account/admin-connection.js';
import { ownPassword } from '../account/own-account.js';
import { mayLimitRows, undoesAll } from '../../sql/catalog/can-roll-back.js';
import type { MysqlOrder } from '../grant-order.js';
import { quoteIdentifier } from '../account/sql-quote.js';
import { createPreviewAccount, dropPreviewAccount, previewAccountName } from './preview-account.js';
import { PreviewConnection } from './preview-connection.js';
import {
  decidedAnew,
  databaseOf,
  isInside,
  previewObstacle,
  ROW_WRITES,
  tablesRead,
  type AskingPlan,
} from './preview-obstacle.js';
import type { PreviewedStatement, PreviewLimits } from './previewed-statement.js';
import { readTableFacts, type FullName, type TableFacts } from './table-facts.js';
import { reasonOf } from './preview-reason.js';
import { readLocks } from './transaction-locks.js';

/** What a preview works with. */
export interface PreviewRunOptions {
  readonly order: MysqlOrder;
  readonly withAdmin: <T>(work: (admin: AdminConnection) => Promise<T>) => Promise<T>;
  readonly snapshot: () => Promise<CatalogSnapshot>;
  readonly limits: PreviewLimits;
}

const NOT_DONE: AffectedPreview = { kind: 'unknown', why: 'The preview is not done.' };
const TABLES_MAX = 50;
const COUNTED_TABLES_MAX = 8;
/**
 * One preview of one statement. What could be learnt is kept as it comes, so that a preview that is cut short shows it;
 * what could not says why.
 */
export class PreviewRun {
  readonly #statement: PreviewedStatement;
  readonly #options: PreviewRunOptions;
  #tables: PreviewTable[] = [];
  #affected: AffectedPreview;
  #sample: StatementPreview['sample'] = null;
  #triggers: readonly string[];
  #cascades: readonly string[] = [];
  #locks: StatementPreview['locks'] = null;
  #connection: PreviewConnection | undefined;
  #isCut = false;
  #canLimitRows = false;

  constructor(statement: PreviewedStatement, options: PreviewRunOptions) {
    this.#statement = statement;
    this.#options = options;
    this.#triggers = statement.facts.triggers;
    this.#affected = NOT_DONE;
    this.#tables = tableNames(statement.facts).map((table) => ({ ...table, rows: null, estimated: false }));
  }

  /** What is known so far. */
  result(takenAtMs: number): StatementPreview {
    return {
      takenAtMs,
      tables: this.#tables,
      affected: this.#affected,
      sample: this.#sample,
      triggers: this.#triggers,
      cascades: this.#cascades,
      locks: this.#locks,
      canLimitRows: this.#canLimitRows,
    };
  }

  /** Stops what runs at the target; what is known stays. */
  cut(why: string): void {
    if (!this.#isCut && this.#affected === NOT_DONE) this.#affected = unknown(why);
    this.#isCut = true;
    this.#connection?.close();
  }

  /** Never rejects. */
  async run(): Promise<void> {
    if (this.#isCut) return; // its time was over before its turn came
    try {
      await this.#look();
    } catch (error) {
      if (this.#affected !== NOT_DONE) return; // what is known is known
      this.#affected = unknown(`The preview failed: ${reasonOf(error, this.#options.limits.statementMsMax)}`);
    }
  }

  async #look(): Promise<void> {
    const { database, inTransaction, thread } = this.#statement;
    const snapshot = await this.#options.snapshot();
    const { facts, cascades } = expandStatement(this.#statement.facts, snapshot, database);
    const isCounted = this.#statement.bulk?.isCounted ?? true;
    this.#canLimitRows = isCounted && mayLimitRows(facts) && undoesAll(snapshot, facts);
    this.#triggers = facts.triggers;
    this.#cascades = cascades;
    const names = tableNames(facts);
    this.#tables = names.map((table) => ({ ...table, rows: null, estimated: false }));
    const known = await this.#options.withAdmin((admin) => readTableFacts(admin, snapshot, names));
    this.#tables = names.map((table) => {
      const rows = known.get(tableKey(snapshot, table.database, table.table))?.rowsEstimated ?? null;
      return { ...table, rows, estimated: rows !== null };
    });
    if (inTransaction) await this.#lookAtTransaction(thread);
    await this.#count(snapshot, known);
  }

  async #lookAtTransaction(thread: number): Promise<void> {
    try {
      this.#locks = await this.#options.withAdmin((admin) => readLocks(admin, thread));
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error; // they stay unseen, which is what null says
    }
  }

  async #count(snapshot: CatalogSnapshot, known: ReadonlyMap<TableKey, TableFacts>): Promise<void> {
    const { text, dialect, database } = this.#statement;
    const planned = previewQueryOf({
      text,
      dialect,
      database,
      columns: (name) =>
        name.database === null ? undefined : known.get(tableKey(snapshot, name.database, name.table))?.columns,
    });
    const { bulk } = this.#statement;
    const plan = bulk === undefined ? planned : planOfEach(planned, bulk.rows);
    const counted = this.#countable(snapshot);
    const obstacle = previewObstacle(plan, { statement: this.#statement, order: this.#options.order, snapshot });
    if (plan.kind === 'unknown' || obstacle !== null) {
      this.#affected = unknown(plan.kind === 'unknown' ? plan.why : (obstacle ?? ''));
    } else if (plan.kind === 'rows') this.#affected = { kind: 'exact', rows: plan.rows };
    if (this.#options.order.target.credentials === 'static') return;
    const runs = plan.kind !== 'unknown' && plan.kind !== 'rows' && obstacle === null;
    const tables = runs ? distinct([...counted, ...tablesRead(plan)]) : counted;
    if (tables.length === 0 || this.#isCut) return;
    await this.#withAccount({ tables, snapshot }, async (connection) => {
      if (runs)
        await this.#runPlan(connection, plan, decidedAnew(plan, { statement: this.#statement, snapshot }, known));
      for (const table of counted) await this.#countTable(connection, table);
    });
  }

  /** The tables of the grant that are small enough to count them all. */
  #countable(snapshot: CatalogSnapshot): readonly FullName[] {
    return this.#tables
      .filter((table) => table.rows !== null && table.rows <= this.#options.limits.countedRowsMax)
      .filter((table) => isInside(this.#options.order, table, snapshot.foldsCase))
      .slice(0, COUNTED_TABLES_MAX);
  }

  async #withAccount(
    { tables, snapshot }: { readonly tables: readonly FullName[]; readonly snapshot: CatalogSnapshot },
    work: (connection: PreviewConnection) => Promise<void>,
  ): Promise<void> {
    const { order, withAdmin, limits } = this.#options;
    const { taskAccount, target } = order;
    const name = previewAccountName(taskAccount);
    const password = ownPassword();
    const { statementMsMax } = limits;
    try {
      await withAdmin(async (admin) => {
        await dropPreviewAccount(admin, taskAccount);
        await createPreviewAccount(admin, {
          name,
          password,
          tables,
          statementMsMax,
          tlsMode: target.endpoint.tls.mode,
        });
      });
      const { dialect, settings } = this.#statement;
      const database = databaseOf(this.#statement, tables, snapshot);
      const session = { sqlMode: dialect.sqlMode, database, settings, statementMsMax };
      this.#connection = await PreviewConnection.open({ endpoint: target.endpoint, username: name, password }, session);
      if (this.#isCut) return;
      await work(this.#connection);
    } finally {
      this.#connection?.close();
      await withAdmin((admin) => dropPreviewAccount(admin, taskAccount));
    }
  }

  async #runPlan(connection: PreviewConnection, plan: AskingPlan, anew: string | null): Promise<void> {
    try {
      const rows =
        plan.kind === 'query' ? await this.#number(connection, plan.count) : await this.#all(connection, plan);
      this.#affected = this.#judged(plan, rows, anew);
      if (plan.kind === 'query' && plan.sample !== null) await this.#readSample(connection, plan.sample);
    } catch (error) {
      if (this.#isCut) throw error;
      if (this.#affected.kind !== 'exact')
        this.#affected = unknown(reasonOf(error, this.#options.limits.statementMsMax));
    }
  }

  /** What a count says about the session that waits. */
  #judged(plan: AskingPlan, rows: number, anew: string | null): AffectedPreview {
    const { inTransaction, hasUncommitted = true, settings, facts } = this.#statement;
    if (inTransaction && hasUncommitted) {
      return unknown(`${matches(rows)}, but what the open transaction has changed itself cannot be seen.`);
    }
    if (plan.kind === 'query' && settings === undefined) {
      return unknown(`${matches(rows)}, but the settings of the session, by which rows are compared, are not known.`);
    }
    if (anew !== null) {
      return unknown(`${matches(rows)} now, but it depends on ${anew}: when it runs, others may.`);
    }
    if (facts.notUnderstood?.startsWith(PARSERS_DISAGREE) === true) {
      return unknown(`${matches(rows)} as the broker reads it, but ${facts.notUnderstood}.`);
    }
    return { kind: 'exact', rows };
  }

  async #number(connection: PreviewConnection, query: OwnQuery): Promise<number> {
    const [row] = await connection.rows(query.text, this.#bound(query));
    return count(row?.[0]);
  }

  async #all(connection: PreviewConnection, { tables }: PreviewQuery & { kind: 'tables' }): Promise<number> {
    let rows = 0;
    for (const table of tables) {
      if (table.database === null) throw new BrokerError('target_protocol_violation');
      rows += await countRows(connection, { ...table, database: table.database });
    }
    return rows;
  }

  async #readSample(
    connection: PreviewConnection,
    { query, columns }: { readonly query: OwnQuery; readonly columns: readonly string[] },
  ): Promise<void> {
    const rows = await connection.rows(query.text, this.#bound(query));
    this.#sample = { columns, rows: rows.map((row) => row.map(shortened)) };
  }

  async #countTable(connection: PreviewConnection, table: FullName): Promise<void> {
    try {
      const rows = await countRows(connection, table);
      this.#tables = this.#tables.map((shown) =>
        shown.database === table.database && shown.table === table.table ? { ...shown, rows, estimated: false } : shown,
      );
    } catch (error) {
      if (this.#isCut || !(error instanceof BrokerError)) throw error; // else the estimate stays, and is marked as one
    }
  }

  #bound({ values }: OwnQuery): readonly RecordedValue[] {
    const bound = this.#statement.values ?? [];
    return values.flatMap((index) => bound[index] ?? []);
  }
}

/** Of a statement that runs once for each of so many rows of values, each time on what the time before has left. */
function planOfEach(plan: PreviewQuery, rows: number): PreviewQuery {
  if (plan.kind === 'unknown') return plan;
  if (plan.kind === 'rows') return { kind: 'rows', rows: plan.rows * rows };
  const times = rows === 1 ? 'one row' : `${rows} rows`;
  return {
    kind: 'unknown',
    why: `It runs once for each of ${times} of values; what they match together is not counted.`,
  };
}

async function countRows(connection: PreviewConnection, { database, table }: FullName): Promise<number> {
  const [row] = await connection.rows(
    `SELECT COUNT(*) FROM ${quoteIdentifier(database)}.${quoteIdentifier(table)}`,
    [],
  );
  return count(row?.[0]);
}

/** Never zero for want of an answer. */
function count(text: string | null | undefined): number {
  if (text === null || text === undefined || !/^\d+$/.test(text)) throw new BrokerError('target_protocol_violation');
  return Number(text);
}

function matches(rows: number): string {
  return rows === 1 ? '1 row matches' : `${rows} rows match`;
}

function unknown(why: string): AffectedPreview {
  return { kind: 'unknown', why };
}

/** The tables that a statement touches, each once. */
function tableNames({ tables }: StatementFacts): readonly (FullName & { isWritten: boolean })[] {
  const found = new Map<string, FullName & { isWritten: boolean }>();
  for (const { database, table, action } of tables) {
    if (database === null) continue;
    const key = JSON.stringify([database, table]);
    const isWritten = ROW_WRITES.has(action) || found.get(key)?.isWritten === true;
    found.set(key, { database, table, isWritten });
  }
  return [...found.values()].slice(0, TABLES_MAX);
}

function distinct(tables: readonly FullName[]): readonly FullName[] {
  return [
    ...new Map(tables.map(({ database, table }) => [JSON.stringify([database, table]), { database, table }])).values(),
  ];
}

function shortened(value: string | null): string | null {
  if (value === null || value.length <= SAMPLE_CHARACTERS_MAX) return value;
  return `${value.slice(0, SAMPLE_CHARACTERS_MAX)}…`;
}
