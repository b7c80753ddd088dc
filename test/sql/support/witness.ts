import { type Connection, type RowDataPacket } from 'mysql2/promise';
import { COM_PING, COM_QUERY, COM_RESET_CONNECTION } from '../../../src/protocols/mysql/wire/commands.js';
import { CLIENT_MULTI_STATEMENTS } from '../../../src/protocols/mysql/wire/login/capabilities.js';
import { type DecodedResponse } from '../../../src/protocols/mysql/wire/response/result-decoder.js';
import { type DatabaseAddress } from '../../support/servers/database-server.js';
import { AGENT, DATABASES, DIGESTS, fillScratch, makeAccounts, makeScratch } from './scratch.js';
import { type WatchedSession, introduce, openWatched } from './watched-login.js';

/** What a statement did, as the server itself tells it. */
export interface Deed {
  /** What the server took the text for, one entry a statement; `error`: it did not parse. */
  readonly kinds: readonly string[];
  readonly errno: number;
  readonly message: string;
  /** It was answered with a plan, so that it may not have run. */
  readonly isPlan: boolean;
  /** `database.table` of all tables that were opened. */
  readonly touched: readonly string[];
  /** Those in which rows were written or are not what they were. */
  readonly written: readonly string[];
  readonly changedSchema: boolean;
  readonly changedAccounts: boolean;
  readonly changedGlobals: readonly string[];
  readonly setUserVariables: boolean;
  readonly tookLocks: boolean;
  /** The connection did not survive. */
  readonly lost: boolean;
}

/** A statement to be watched, and what the session is told before it. */
export interface WatchedStatement {
  readonly text: Buffer;
  readonly before?: readonly string[];
  readonly sqlMode?: string;
  /** The connection may carry several statements in one text. */
  readonly multi?: boolean;
}

/** Variables that change by themselves or with the sessions that come and go. */
const RESTLESS = new Set(['timestamp', 'gtid_executed', 'gtid_binlog_pos', 'innodb_undo_log_truncate']);
/** The server's names for statements after which there is nothing but rows and the session to look at. */
const ONLY_ROWS =
  /^(?:error|select|show_\w+|insert|update|delete|replace|insert_select|replace_select|update_multi|delete_multi)$/;
const ANSWER_LIMIT_MS = 4_000;
const PLAN_COLUMNS = new Set(['select_type', 'EXPLAIN', 'ANALYZE', 'rows_examined_per_scan']);

interface State {
  readonly schema: string;
  readonly accounts: string;
  readonly globals: ReadonlyMap<string, string>;
  readonly digests: ReadonlyMap<string, string>;
}

/** Runs statements one after the other on a server of its own, and finds out what each did; afterwards all is as before. */
export class Witness {
  readonly #server: DatabaseAddress;
  readonly #root: Connection;
  readonly #sessions = new Map<boolean, WatchedSession>();
  #state: State | undefined;

  constructor(server: DatabaseAddress, root: Connection) {
    this.#server = server;
    this.#root = root;
  }

  /** Makes the account and the databases. */
  async prepare(): Promise<void> {
    await this.#root.query('SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED');
    await this.#root.query('SET SESSION lock_wait_timeout = 5');
    await makeAccounts(this.#root, this.#server.flavour);
    await makeScratch(this.#root, this.#server.flavour);
    await introduce(this.#login());
    this.#state = await this.#look();
  }

  close(): void {
    for (const { client } of this.#sessions.values()) client.destroy();
  }

  /** Undefined: the session could not be brought to where the statement is to run, for example for want of a mode. */
  async watch(statement: WatchedStatement): Promise<Deed | undefined> {
    const session = await this.#sessionFor(statement.multi ?? false);
    for (const text of [...modeOf(statement), ...(statement.before ?? [])]) {
      const { error } = await session.client.query(text);
      await ping(session);
      if (error !== undefined) {
        await this.#reset(statement.multi ?? false);
        return undefined;
      }
    }
    await this.#forget();
    const before = this.#state ?? (await this.#look());
    const response = await this.#send(session, statement.text);
    const seen = await this.#seen(session);
    await this.#reset(statement.multi ?? false);
    const after = await this.#look(seen.kinds.every((kind) => ONLY_ROWS.test(kind)) ? before : undefined);
    const changedRows = [...after.digests].filter(
      ([name, digest]) => before.digests.has(name) && before.digests.get(name) !== digest,
    );
    const deed: Deed = {
      ...seen,
      kinds: seen.kinds,
      errno: response?.error?.errno ?? 0,
      message: response?.error?.message ?? '',
      isPlan: response !== undefined && isPlan(response),
      written: [...new Set([...seen.written, ...changedRows.map(([name]) => name)])],
      changedSchema: before.schema !== after.schema || after.digests.has('unreadable'),
      changedAccounts: before.accounts !== after.accounts,
      changedGlobals: [...after.globals]
        .filter(([name, value]) => before.globals.get(name) !== value)
        .map(([name]) => name),
      lost: response === undefined,
    };
    await this.#putBack(
      deed,
      before,
      changedRows.map(([name]) => name),
    );
    return deed;
  }

  /** Undefined when the connection did not survive, or the server did not answer in time and was told to stop. */
  async #send({ client, connectionId }: WatchedSession, text: Buffer): Promise<DecodedResponse | undefined> {
    const timer = setTimeout(() => void this.#root.query(`KILL QUERY ${connectionId}`), ANSWER_LIMIT_MS);
    try {
      client.command(COM_QUERY, text);
      const response = await client.response(COM_QUERY);
      await ping({ client });
      return response;
    } catch {
      client.destroy();
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes away what the performance schema has counted and remembers. */
  async #forget(): Promise<void> {
    await this.#rowsOfEach([
      'TRUNCATE performance_schema.table_io_waits_summary_by_table',
      'TRUNCATE performance_schema.table_lock_waits_summary_by_table',
      'TRUNCATE performance_schema.events_statements_history',
    ]);
  }

  /** What the performance schema says of the session since then. */
  async #seen({
    thread,
  }: WatchedSession): Promise<Pick<Deed, 'kinds' | 'touched' | 'written' | 'setUserVariables' | 'tookLocks'>> {
    const inScratch = `OBJECT_TYPE = 'TABLE' AND OBJECT_SCHEMA IN (${DATABASES.map((name) => `'${name}'`).join(', ')})`;
    const [events = [], io = [], locked = [], variables = [], locks = []] = await this.#rowsOfEach([
      `SELECT EVENT_NAME AS name FROM performance_schema.events_statements_history
        WHERE THREAD_ID = ${thread} AND NESTING_EVENT_LEVEL = 0 AND EVENT_NAME LIKE 'statement/%' AND EVENT_NAME <> 'statement/com/Ping'
        ORDER BY EVENT_ID`,
      `SELECT CONCAT(OBJECT_SCHEMA, '.', OBJECT_NAME) AS name, COUNT_INSERT + COUNT_UPDATE + COUNT_DELETE AS writes
         FROM performance_schema.table_io_waits_summary_by_table WHERE ${inScratch} AND COUNT_STAR > 0`,
      `SELECT CONCAT(OBJECT_SCHEMA, '.', OBJECT_NAME) AS name
         FROM performance_schema.table_lock_waits_summary_by_table WHERE ${inScratch} AND COUNT_STAR > 0`,
      `SELECT 1 FROM performance_schema.user_variables_by_thread WHERE THREAD_ID = ${thread} AND VARIABLE_VALUE IS NOT NULL`,
      `SELECT 1 FROM performance_schema.metadata_locks WHERE OWNER_THREAD_ID = ${thread}
          AND (OBJECT_TYPE IN ('USER LEVEL LOCK', 'LOCKING SERVICE')
            OR LOCK_TYPE IN ('SHARED_NO_READ_WRITE', 'SHARED_READ_ONLY') OR OBJECT_TYPE = 'GLOBAL' AND LOCK_TYPE = 'SHARED')`,
    ]);
    return {
      kinds: kindsOf(events.map(({ name }) => String(name).replace(/^statement\/(?:sql|com)\//, ''))),
      touched: [...new Set([...io, ...locked].map(({ name }) => String(name)))],
      written: io.filter(({ writes }) => Number(writes) > 0).map(({ name }) => String(name)),
      setUserVariables: variables.length > 0,
      tookLocks: locks.length > 0,
    };
  }

  /** The session as new, without locks and with its transaction rolled back, or gone. */
  async #reset(multi: boolean): Promise<void> {
    const session = this.#sessions.get(multi);
    if (session === undefined) return;
    try {
      session.client.command(COM_RESET_CONNECTION);
      const { error } = await session.client.response(COM_RESET_CONNECTION);
      const used = await session.client.query('USE shop');
      await ping(session);
      if (error !== undefined || used.error !== undefined) throw new Error('The session cannot be used again.');
    } catch {
      session.client.destroy();
      this.#sessions.delete(multi);
      await this.#root.query(`KILL ${session.connectionId}`).catch(() => undefined); // it may have gone by itself
    }
  }

  /** `otherRows`: tables with rows that are not what they were. */
  async #putBack(deed: Deed, before: State, otherRows: readonly string[]): Promise<void> {
    for (const name of deed.changedGlobals) {
      await this.#root.query(`SET GLOBAL ${name} = ${literal(before.globals.get(name) ?? '')}`);
    }
    if (deed.changedAccounts) {
      for (const multi of [true, false]) {
        this.#sessions.get(multi)?.client.destroy();
        this.#sessions.delete(multi);
      }
      await makeAccounts(this.#root, this.#server.flavour);
      await introduce(this.#login());
    }
    if (deed.changedSchema) await makeScratch(this.#root, this.#server.flavour);
    else if (otherRows.length > 0) await fillScratch(this.#root, otherRows);
    // Anything that is not as it was then would be taken for the next statement's deed. An account has other bytes when it is
    // made again, and a variable may not take the value that it had.
    const isOther = deed.changedAccounts || deed.changedGlobals.length > 0;
    this.#state = isOther ? await this.#look() : before;
  }

  /** As all is now; after a statement that the server took for one about rows alone, only the rows are looked at. */
  async #look(unchanged?: State): Promise<State> {
    if (unchanged !== undefined) return { ...unchanged, digests: await this.#digests() };
    const objects = await this.#rows(
      `SELECT CONCAT_WS('|', 'database', SCHEMA_NAME, DEFAULT_COLLATION_NAME) AS t FROM information_schema.SCHEMATA
       UNION ALL SELECT CONCAT_WS('|', TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, CREATE_OPTIONS, TABLE_COMMENT)
         FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ('shop', 'vault')
       UNION ALL SELECT CONCAT_WS('|', TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, COLUMN_DEFAULT)
         FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN ('shop', 'vault')
       UNION ALL SELECT CONCAT_WS('|', TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, COLUMN_NAME)
         FROM information_schema.STATISTICS WHERE TABLE_SCHEMA IN ('shop', 'vault')
       UNION ALL SELECT CONCAT_WS('|', ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE, ROUTINE_DEFINITION, ROUTINE_COMMENT)
         FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN ('shop', 'vault')
       UNION ALL SELECT CONCAT_WS('|', TRIGGER_SCHEMA, TRIGGER_NAME) FROM information_schema.TRIGGERS
         WHERE TRIGGER_SCHEMA IN ('shop', 'vault')
       UNION ALL SELECT CONCAT_WS('|', EVENT_SCHEMA, EVENT_NAME, STATUS) FROM information_schema.EVENTS
       ORDER BY 1`,
    );
    const schema = objects.map(({ t }) => String(t)).join('\n');
    const changed = this.#state !== undefined && this.#state.schema !== schema;
    const accounts = await this.#rows(
      this.#server.flavour === 'mariadb'
        ? `SELECT CONCAT_WS('|', 'a', host, user, JSON_REMOVE(priv, '$.password_last_changed')) AS t FROM mysql.global_priv
           UNION ALL SELECT CONCAT_WS('|', 'r', host, user, role) FROM mysql.roles_mapping
           UNION ALL SELECT CONCAT_WS('|', 'd', host, db, user) FROM mysql.db
           UNION ALL SELECT CONCAT_WS('|', 's', server_name) FROM mysql.servers ORDER BY 1`
        : `SELECT CONCAT_WS('|', 'a', host, user, authentication_string, Select_priv, Super_priv) AS t FROM mysql.user
           UNION ALL SELECT CONCAT_WS('|', 'r', to_host, to_user, from_user) FROM mysql.role_edges
           UNION ALL SELECT CONCAT_WS('|', 'd', host, db, user) FROM mysql.db
           UNION ALL SELECT CONCAT_WS('|', 's', server_name) FROM mysql.servers ORDER BY 1`,
    );
    const globals = await this.#rows('SHOW GLOBAL VARIABLES');
    return {
      schema,
      accounts: accounts.map(({ t }) => String(t)).join('\n'),
      globals: new Map(
        globals
          .map((row): [string, string] => [String(row['Variable_name']), String(row['Value'])])
          .filter(([name]) => !RESTLESS.has(name)),
      ),
      digests: changed ? new Map() : await this.#digests(),
    };
  }

  /** A table that cannot be read has no digest of its own. */
  async #digests(): Promise<ReadonlyMap<string, string>> {
    try {
      const digests = await this.#rows(DIGESTS);
      return new Map(digests.map(({ name, digest }) => [String(name), String(digest)]));
    } catch (error) {
      return new Map([['unreadable', String(error)]]);
    }
  }

  async #sessionFor(multi: boolean): Promise<WatchedSession> {
    const known = this.#sessions.get(multi);
    if (known !== undefined && !known.client.isClosed) return known;
    const session = await openWatched(
      this.#root,
      { ...this.#login(), database: 'shop' },
      multi ? { capabilities: CLIENT_MULTI_STATEMENTS } : {},
    );
    this.#sessions.set(multi, session);
    return session;
  }

  #login(): { readonly host: string; readonly port: number; readonly user: string; readonly password: string } {
    return { host: this.#server.host, port: this.#server.port, user: AGENT.user, password: AGENT.password };
  }

  /** The rows of several queries that are sent as one text. */
  async #rowsOfEach(queries: readonly string[]): Promise<readonly (readonly RowDataPacket[])[]> {
    const [results] = await this.#root.query<RowDataPacket[][]>(queries.join('; '));
    return results;
  }

  async #rows(query: string): Promise<readonly RowDataPacket[]> {
    const [rows] = await this.#root.query<RowDataPacket[]>(query);
    return rows;
  }
}

/** What is behind the last semicolon is no statement when it is empty. */
function kindsOf(kinds: readonly string[]): readonly string[] {
  return kinds.length > 1 ? kinds.filter((kind) => kind !== 'empty_query') : kinds;
}

function modeOf({ sqlMode }: WatchedStatement): readonly string[] {
  return sqlMode === undefined ? [] : [`SET sql_mode = '${sqlMode}'`];
}

/** The server answers before it has written its history; the answer to the next command comes after that. */
async function ping({ client }: Pick<WatchedSession, 'client'>): Promise<void> {
  client.command(COM_PING);
  await client.response(COM_PING);
}

function isPlan({ results }: DecodedResponse): boolean {
  const [first] = results;
  return first?.kind === 'rows' && first.columns.some(({ name }) => PLAN_COLUMNS.has(name));
}

function literal(value: string): string {
  return /^-?\d+(\.\d+)?$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`;
}
