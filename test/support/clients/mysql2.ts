import mysql from 'mysql2/promise';
import { type ClientLogin, connectionOptions } from './program.js';

/** Connects with mysql2, lets `use` work with the connection, and closes it. */
export async function withMysql2<T>(
  login: ClientLogin,
  use: (connection: mysql.Connection) => Promise<T>,
  options: mysql.ConnectionOptions = {},
): Promise<T> {
  const connection = await mysql.createConnection({ ...(await connectionOptions(login)), ...options });
  try {
    return await use(connection);
  } finally {
    await connection.end().catch(() => connection.destroy()); // the server may have closed it already, as tests want
  }
}
