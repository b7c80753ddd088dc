import mysql from 'mysql2/promise';
import { type ClientLogin, connectionOptions } from './program.js';

/** mysql2 makes room for 16,000 with each connection as a rule: half a megabyte, and tests connect thousands of times. */
const PREPARED_MAX = 256;

/** Connects with mysql2, lets `use` work with the connection, and closes it. */
export async function withMysql2<T>(
  login: ClientLogin,
  use: (connection: mysql.Connection) => Promise<T>,
  options: mysql.ConnectionOptions = {},
): Promise<T> {
  const connection = await mysql.createConnection({
    maxPreparedStatements: PREPARED_MAX,
    ...(await connectionOptions(login)),
    ...options,
  });
  try {
    return await use(connection);
  } finally {
    await connection.end().catch(() => connection.destroy()); // the server may have closed it already, as tests want
  }
}
