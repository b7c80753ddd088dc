import { type Connection, type RowDataPacket } from 'mysql2/promise';
import { withMysql2 } from '../../support/clients/mysql2.js';
import { type LoginOptions, RawClient } from '../../support/clients/raw.js';
import { type ClientLogin } from '../../support/clients/program.js';

/** A session that sends bytes as they are, and the number under which the performance schema keeps what it does. */
export interface WatchedSession {
  readonly client: RawClient;
  readonly connectionId: number;
  readonly thread: number;
}

/** Logs in with the raw client, which knows only the short way of caching_sha2_password: the server must know the account. */
export async function openWatched(
  observer: Connection,
  login: ClientLogin,
  options?: LoginOptions,
): Promise<WatchedSession> {
  const client = await RawClient.logIn(login, options);
  const { results } = await client.query('SELECT CONNECTION_ID()');
  const connectionId = Number(results[0]?.kind === 'rows' ? results[0].rows[0]?.[0] : Number.NaN);
  const [rows] = await observer.query<RowDataPacket[]>(
    'SELECT THREAD_ID AS id FROM performance_schema.threads WHERE PROCESSLIST_ID = ?',
    [connectionId],
  );
  return { client, connectionId, thread: Number(rows[0]?.['id']) };
}

/** Makes the server remember the account's password, so that the short way works. */
export async function introduce(login: ClientLogin): Promise<void> {
  await withMysql2(login, async (connection) => {
    await connection.query('SELECT 1');
  });
}
