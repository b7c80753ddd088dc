import { type Connection, type FieldPacket, type ResultSetHeader, Types } from 'mysql2';
import type { ConnectionView } from '../../../contracts/grant.js';
import { BrokerError, isErrorCode } from '../../../kernel/errors.js';
import type {
  AskedStatement,
  CatalogOutcome,
  RowBounds,
  StatementOutcome,
  StatementRunner,
} from '../../../mcp/statement-runner.js';
import { describedTables } from './described-tables.js';
import { killStatement, openSession } from './endpoint-session.js';
import { ToldRows } from './told-rows.js';

/** `Doorwarden: <what happened> … (code)`: how the gateway tells a driver of its refusals. */
const REFUSAL = /^Doorwarden: [^]*\((?<code>[a-z][a-z_]*)\)$/;
const KILLED_WHILE_HELD = 'statement_killed';
const ER_QUERY_INTERRUPTED = 1317;
const ER_CONNECTION_KILLED = 1927;

/** Names of tables and columns are 64 characters at most, types of columns as long as their lists of words. */
const CATALOG_BOUNDS = { cellCharactersMax: 1_000, charactersMax: 1_000_000, bytesMax: 16 * 1_048_576 };

export type RunBounds = RowBounds & { readonly signal: AbortSignal };

/** Runs statements of agents on MySQL and MariaDB. It keeps nothing: each call logs in and ends its session. */
export const MYSQL_STATEMENTS: StatementRunner = {
  knows: (protocol) => protocol === 'mysql',
  run: runMysql,
  describe: (view, options) => describeMysql(view, options),
};

async function describeMysql(
  view: ConnectionView,
  { table, tablesMax, signal }: Parameters<StatementRunner['describe']>[1],
): Promise<CatalogOutcome> {
  return describedTables({ table, tablesMax, database: view.database }, (statement, rowsMax) =>
    runMysql(view, statement, { ...CATALOG_BOUNDS, rowsMax, signal }),
  );
}

async function runMysql(view: ConnectionView, statement: AskedStatement, bounds: RunBounds): Promise<StatementOutcome> {
  const connection = await sessionFor(view, bounds.signal);
  try {
    return await outcomeOf(connection, view, { statement, bounds });
  } finally {
    connection.destroy();
  }
}

async function sessionFor(view: ConnectionView, signal: AbortSignal): Promise<Connection> {
  signal.throwIfAborted();
  try {
    return await openSession(view);
  } catch (cause) {
    const refusal = refusalIn(cause);
    if (refusal !== undefined)
      throw new BrokerError(isErrorCode(refusal.code) ? refusal.code : 'credential_wrong', { cause });
    throw new BrokerError('target_leg_lost', { detail: "The grant's endpoint does not answer.", cause });
  }
}

interface Asked {
  readonly statement: AskedStatement;
  readonly bounds: RunBounds;
}

/**
 * Sends the statement and reads what comes, up to the bounds: what is over them is not read, and the gateway, which reads it
 * to its end, sees to it that the statement has its whole effect.
 */
function outcomeOf(
  connection: Connection,
  view: ConnectionView,
  { statement, bounds }: Asked,
): Promise<StatementOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<StatementOutcome>();
  const { sql, values } = statement;
  const query = values === undefined ? connection.query(sql) : connection.execute(sql, [...values]);
  const read = new ReadResults(bounds, resolve);
  query.on('fields', (fields: readonly FieldPacket[] | undefined) => read.begin(fields));
  query.on('result', (result: unknown) => read.take(result));
  query.on('error', (error: unknown) => resolve(failureOf(error, bounds.signal)));
  query.on('end', () => read.end());
  const stop = (): void => {
    killStatement(view, connection.threadId).catch((error: unknown) => {
      connection.destroy();
      reject(
        new BrokerError('target_leg_lost', { detail: 'It is not known whether the statement ran.', cause: error }),
      );
    });
  };
  bounds.signal.addEventListener('abort', stop, { once: true });
  if (bounds.signal.aborted) stop();
  return promise.finally(() => bounds.signal.removeEventListener('abort', stop));
}

/** The results of one statement as the driver tells them; the first that has rows is told. */
class ReadResults {
  readonly #bounds: RunBounds;
  readonly #settle: (outcome: StatementOutcome) => void;
  #rows: ToldRows | undefined;
  #isFirst = true;
  #further = 0;
  #done: ResultSetHeader | undefined;

  constructor(bounds: RunBounds, settle: (outcome: StatementOutcome) => void) {
    this.#bounds = bounds;
    this.#settle = settle;
  }

  begin(fields: readonly FieldPacket[] | undefined): void {
    if (fields === undefined) return;
    this.#isFirst = this.#rows === undefined;
    if (this.#isFirst) this.#rows = new ToldRows(fields.map(columnOf), this.#bounds);
    else this.#further += 1;
  }

  take(result: unknown): void {
    if (!Array.isArray(result)) {
      this.#done ??= result as ResultSetHeader;
      return;
    }
    if (!this.#isFirst || this.#rows === undefined) return;
    if (this.#rows.isFull) this.#settle(this.#rows.outcome(true, this.#further));
    else this.#rows.take(result);
  }

  end(): void {
    if (this.#rows !== undefined) return this.#settle(this.#rows.outcome(false, this.#further));
    const { affectedRows = 0, insertId = 0, warningStatus = 0 } = this.#done ?? {};
    const id = String(insertId);
    this.#settle({
      kind: 'done',
      affectedRows: String(affectedRows),
      insertId: id === '0' ? null : id,
      warnings: warningStatus,
    });
  }
}

function columnOf({ name, columnType = -1 }: FieldPacket): { readonly name: string; readonly type: string } {
  const type: unknown = Reflect.get(Types, columnType);
  return { name, type: typeof type === 'string' ? type.toLowerCase() : 'unknown' };
}

/** The fields of an error of the driver that say what the server said. */
function serverError(error: unknown): {
  errno: number | undefined;
  state: string | null;
  code: string;
  message: string;
} {
  const field = (name: string): unknown =>
    typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
  const [errno, state, code, text] = [field('errno'), field('sqlState'), field('code'), field('sqlMessage')];
  return {
    errno: typeof errno === 'number' ? errno : undefined,
    state: typeof state === 'string' && state !== '' ? state : null,
    code: typeof code === 'string' ? code : 'UNKNOWN',
    message: typeof text === 'string' ? text : error instanceof Error ? error.message : 'unknown',
  };
}

function refusalIn(error: unknown): { readonly code: string; readonly message: string } | undefined {
  const { message } = serverError(error);
  const code = REFUSAL.exec(message)?.groups?.['code'];
  return code === undefined ? undefined : { code, message };
}

function failureOf(error: unknown, signal: AbortSignal): StatementOutcome {
  const refusal = refusalIn(error);
  if (refusal !== undefined) {
    if (signal.aborted && refusal.code === KILLED_WHILE_HELD) return { kind: 'stopped', wasHeld: true };
    return { kind: 'refused', ...refusal };
  }
  const { errno, code, state, message } = serverError(error);
  if (signal.aborted && (errno === ER_QUERY_INTERRUPTED || errno === ER_CONNECTION_KILLED)) {
    return { kind: 'stopped', wasHeld: false };
  }
  return { kind: 'failed', code, state, message };
}
