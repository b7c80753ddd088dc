import { type Connection, type RowDataPacket } from 'mysql2/promise';
import { COM_QUERY, COM_RESET_CONNECTION } from '../../../src/protocols/mysql/wire/commands.js';
import { type ClientLogin } from '../../support/clients/program.js';
import { withMysql2 } from '../../support/clients/mysql2.js';
import { rootLogin, runAsRoot } from '../../support/databases.js';
import { type DatabaseAddress } from '../../support/servers/database-server.js';
import { HISTORY_SIZE } from '../support/observed-server.js';
import { introduce, openWatched } from '../support/watched-login.js';

/** What a server took a statement for. */
export interface ServerKind {
  /** `select`, `create_table`, `set_option`, …; `error`: it did not parse. Null: the connection was lost over it. */
  readonly kind: string | null;
  readonly errno: number;
}

/** Each statement is followed by a reset of the session, and the server remembers both. */
const BATCH = Math.floor(HISTORY_SIZE / 2) - 8;
/** Some wait for another session, which never comes. */
const ANSWER_LIMIT_MS = 3_000;
const USER = 'nobody';
const PASSWORD = 'nothing';
const DATABASE = 'corpus';
const KIND = /^statement\/(?:sql|com)\/(.*)$/;

/**
 * Sends each statement to the server as a user who may do nothing, and reads from the server's own history what it took
 * it for: the server names a statement once it is parsed, before it looks at privileges. PREPARE would refuse too much.
 */
export async function serverKinds(
  server: DatabaseAddress,
  statements: readonly Buffer[],
  onProgress: (done: number) => void = () => undefined,
): Promise<readonly ServerKind[]> {
  await runAsRoot(server, [
    `DROP USER IF EXISTS '${USER}'@'%'`,
    `CREATE USER '${USER}'@'%' IDENTIFIED BY '${PASSWORD}'`,
    `CREATE DATABASE IF NOT EXISTS ${DATABASE} CHARACTER SET utf8mb4`,
    // Enough to have it as the database of the session, and good for nothing else.
    `GRANT REFERENCES ON ${DATABASE}.* TO '${USER}'@'%'`,
  ]);
  const login = { host: server.host, port: server.port, user: USER, password: PASSWORD, database: DATABASE };
  const kinds: ServerKind[] = [];
  await withMysql2(rootLogin(server), async (observer) => {
    /** A statement that ends its connection, or waits for ever, takes the history with it: the others are sent again. */
    const ask = async (batch: readonly Buffer[]): Promise<void> => {
      const answer = await tryBatch(login, observer, batch);
      if ('kinds' in answer) {
        kinds.push(...answer.kinds);
        onProgress(kinds.length);
        return;
      }
      if (answer.lostAt === null && batch.length > 1) {
        const half = Math.ceil(batch.length / 2);
        await ask(batch.slice(0, half));
        await ask(batch.slice(half));
        return;
      }
      const lostAt = answer.lostAt ?? 0;
      if (lostAt > 0) await ask(batch.slice(0, lostAt));
      kinds.push({ kind: null, errno: 0 });
      if (lostAt + 1 < batch.length) await ask(batch.slice(lostAt + 1));
    };
    for (let from = 0; from < statements.length; from += BATCH) {
      // eslint-disable-next-line no-await-in-loop -- one session at a time, so that its history is whole
      await ask(statements.slice(from, from + BATCH));
    }
  });
  return kinds;
}

async function tryBatch(
  login: ClientLogin,
  observer: Connection,
  statements: readonly Buffer[],
): Promise<{ readonly kinds: readonly ServerKind[] } | { readonly lostAt: number | null }> {
  // SET PASSWORD needs no privilege: the batch before may have done it.
  await observer.query(`ALTER USER '${USER}'@'%' IDENTIFIED BY '${PASSWORD}'`);
  await introduce(login);
  const { client, thread } = await openWatched(observer, login);
  let at = 0;
  try {
    for (const statement of statements) {
      for (const [command, content] of [
        [COM_QUERY, statement],
        [COM_RESET_CONNECTION, ''],
      ] as const) {
        client.command(command, content);
        // eslint-disable-next-line no-await-in-loop -- as any client: the next command after the answer
        await within(ANSWER_LIMIT_MS, client.response(command));
      }
      at += 1;
    }
    const kinds = await historyOf(observer, thread);
    // What came before was the question for the connection's id. A text of several statements has an entry for each.
    return kinds.length === statements.length + 1 ? { kinds: kinds.slice(1) } : { lostAt: null };
  } catch {
    return { lostAt: at };
  } finally {
    client.destroy();
  }
}

async function within<T>(limitMs: number, answer: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Nothing came in ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the server took the session's statements for, oldest first; only whole ones, not those inside of routines. */
async function historyOf(observer: Connection, thread: number): Promise<readonly ServerKind[]> {
  const [rows] = await observer.query<RowDataPacket[]>(
    `SELECT EVENT_NAME AS name, MYSQL_ERRNO AS errno FROM performance_schema.events_statements_history
      WHERE THREAD_ID = ? AND NESTING_EVENT_LEVEL = 0 AND EVENT_NAME LIKE 'statement/%'
        AND EVENT_NAME <> 'statement/com/Reset Connection' ORDER BY EVENT_ID`,
    [thread],
  );
  return rows.map((row) => ({ kind: KIND.exec(String(row['name']))?.[1] ?? null, errno: Number(row['errno']) }));
}
