import { Duplex } from 'node:stream';
import { type Connection, createConnection } from 'mysql2';
import type { ConnectionView } from '../../../contracts/grants/grant.js';

const CONNECT_MS_MAX = 15_000;

/**
 * One session at the endpoint of a grant, by an ordinary driver. Values come as text or as numbers that are exact, several
 * statements in one text are not offered to the server, and no file of this machine is ever sent to it.
 * @throws the driver's error when nobody answers there, or the login is refused
 */
export async function openSession(view: ConnectionView): Promise<Connection> {
  const { host, port, username, password, database, tls } = view;
  const connection = createConnection({
    host,
    port,
    user: username,
    password,
    ...(database === null ? {} : { database }),
    ssl: { ca: tls.ca, verifyIdentity: true },
    flags: ['-LOCAL_FILES'],
    connectTimeout: CONNECT_MS_MAX,
    rowsAsArray: true,
    dateStrings: true,
    jsonStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: false, // those that a number cannot say exactly come as text all the same
  });
  connection.on('error', () => undefined); // what is being asked at the moment fails with it, too
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error === null ? resolve() : reject(error)));
  });
  return connection;
}

/** Ends the statement that a session runs or waits with, from another session of the same grant. */
export async function killStatement(view: ConnectionView, threadId: number): Promise<void> {
  const connection = await openSession(view);
  try {
    await new Promise<void>((resolve, reject) => {
      connection.query(`KILL QUERY ${threadId}`, (error) => (error === null ? resolve() : reject(error)));
    });
  } finally {
    dropSession(connection);
  }
}

/** The stream of a session, on which the driver reads. */
export function streamOf(connection: Connection): Duplex | undefined {
  const stream: unknown = Reflect.get(connection, 'stream');
  return stream instanceof Duplex ? stream : undefined;
}

/** Ends a session and reads no more of it: the driver by itself only stops writing, and reads what comes to its end. */
export function dropSession(connection: Connection): void {
  connection.destroy();
  streamOf(connection)?.destroy();
}
