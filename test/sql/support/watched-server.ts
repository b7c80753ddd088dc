import { withMysql2 } from '../../support/clients/mysql2.js';
import { rootLogin } from '../../support/databases.js';
import { type Flavour } from '../../support/servers/database-server.js';
import { startObservedServer } from './observed-server.js';
import { type Deed, type WatchedStatement, Witness } from './witness.js';

/** Few sessions, of which only the last statements are asked for: MariaDB looks through all that it could remember. */
const LIGHT = ['--max-connections=40', '--performance-schema-events-statements-history-size=64'];

/** What came of letting statements loose on one server. */
export interface WatchedRun<T> {
  /** As `SELECT VERSION()` says it. */
  readonly version: string;
  /** The server's `sql_mode` where a statement brings none of its own. */
  readonly sqlMode: string;
  /** Undefined where the session could not be brought to where the statement is to run. */
  readonly deeds: ReadonlyMap<T, Deed | undefined>;
}

/** Runs the statements on a server of their own and finds out what each did; null when there is no such server here. */
export async function watchAll<T extends WatchedStatement>(
  flavour: Flavour,
  statements: readonly T[],
): Promise<WatchedRun<T> | null> {
  const server = await startObservedServer(flavour, LIGHT);
  if (server === null) return null;
  try {
    return await withMysql2(
      rootLogin(server),
      async (root) => {
        const witness = new Witness(server, root);
        await witness.prepare();
        const [rows] = await root.query<never[]>({ sql: 'SELECT @@global.sql_mode', rowsAsArray: true });
        const deeds = new Map<T, Deed | undefined>();
        for (const statement of statements) {
          // eslint-disable-next-line no-await-in-loop -- what one did is seen before the next one
          deeds.set(statement, await witness.watch(statement));
        }
        witness.close();
        return { version: server.version, sqlMode: String(rows[0]?.[0]), deeds };
      },
      { multipleStatements: true },
    );
  } finally {
    await server.stop();
  }
}
