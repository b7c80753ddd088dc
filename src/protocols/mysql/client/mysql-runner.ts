import type { Connection, FieldPacket } from 'mysql2';
import type { ConnectionView } from '../../../contracts/grants/grant.js';
import { BrokerError } from '../../../kernel/errors.js';
import { isErrorCode } from '../../../kernel/errors/error-table.js';
import type {
  SentStatement,
  CatalogOutcome,
  StatementOutcome,
  StatementRunner,
} from '../../../protocol/statement-runner.js';
import { SQL_RUNNER_WORDS } from '../../sql/target-words.js';
import { describedTables } from './described-tables.js';
import { driverErrorOf } from './driver-answers.js';
import { dropSession, killStatement, openSession, streamOf } from './endpoint-session.js';
import { ReadResults, type RunBounds } from './read-results.js';

const KILLED_WHILE_HELD = 'statement_killed';
const ER_QUERY_INTERRUPTED = 1317;
const ER_CONNECTION_KILLED = 1927;

/** Names of tables and columns are 64 characters at most, types of columns as long as their lists of words. */
const CATALOG_BOUNDS = { cellCharactersMax: 1_000, charactersMax: 1_000_000, bytesMax: 16 * 1_048_576 };

/** Runs statements of agents on MySQL and MariaDB. It keeps nothing: each call logs in and ends its session. */
export const MYSQL_RUNNER: StatementRunner = {
  knows: (protocol) => protocol === 'mysql',
  words: [SQL_RUNNER_WORDS],
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

async function runMysql(view: ConnectionView, statement: SentStatement, bounds: RunBounds): Promise<StatementOutcome> {
  const connection = await sessionFor(view, bounds.signal);
  try {
    return await outcomeOf(connection, view, { statement, bounds });
  } finally {
    dropSession(connection);
  }
}

async function sessionFor(view: ConnectionView, signal: AbortSignal): Promise<Connection> {
  signal.throwIfAborted();
  try {
    return await openSession(view);
  } catch (cause) {
    const { refusal } = driverErrorOf(cause);
    if (refusal !== undefined)
      throw new BrokerError(isErrorCode(refusal.code) ? refusal.code : 'credential_wrong', { cause });
    throw new BrokerError('target_leg_lost', { detail: "The grant's endpoint does not answer.", cause });
  }
}

interface Asked {
  readonly statement: SentStatement;
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
  // The driver reads a row whole before it tells of it.
  streamOf(connection)?.on('data', (chunk: Buffer) => read.came(chunk.length));
  const stop = (): void => {
    killStatement(view, connection.threadId).catch((error: unknown) => {
      dropSession(connection);
      reject(
        new BrokerError('target_leg_lost', { detail: 'It is not known whether the statement ran.', cause: error }),
      );
    });
  };
  bounds.signal.addEventListener('abort', stop, { once: true });
  if (bounds.signal.aborted) stop();
  return promise.finally(() => bounds.signal.removeEventListener('abort', stop));
}

function failureOf(error: unknown, signal: AbortSignal): StatementOutcome {
  const { errno, code, state, message, refusal } = driverErrorOf(error);
  if (refusal !== undefined) {
    if (signal.aborted && refusal.code === KILLED_WHILE_HELD) return { kind: 'stopped', wasHeld: true };
    return { kind: 'refused', ...refusal };
  }
  if (signal.aborted && (errno === ER_QUERY_INTERRUPTED || errno === ER_CONNECTION_KILLED)) {
    return { kind: 'stopped', wasHeld: false };
  }
  return { kind: 'failed', code: code ?? 'UNKNOWN', state, message };
}
