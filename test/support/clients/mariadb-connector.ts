import { type Connection, type ConnectionConfig, createConnection } from 'mariadb';
import { type ClientLogin, connectionOptions } from './program.js';

/** Connects with MariaDB's connector, lets `use` work with the connection, and closes it. */
export async function withMariadbConnector<T>(
  login: ClientLogin,
  use: (connection: Connection) => Promise<T>,
  options: ConnectionConfig = {},
): Promise<T> {
  const connection = await createConnection({
    ...(await connectionOptions(login)),
    allowPublicKeyRetrieval: true,
    ...options,
  });
  try {
    return await use(connection);
  } finally {
    await connection.end().catch(() => connection.destroy()); // the server may have closed it already, as tests want
  }
}
