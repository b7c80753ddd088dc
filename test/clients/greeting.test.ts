import { type RowDataPacket } from 'mysql2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CLIENT_COMPRESS,
  CLIENT_LOCAL_FILES,
  CLIENT_LONG_PASSWORD,
  CLIENT_MULTI_STATEMENTS,
  CLIENT_OPTIONAL_RESULTSET_METADATA,
  CLIENT_QUERY_ATTRIBUTES,
  CLIENT_ZSTD_COMPRESSION_ALGORITHM,
  MARIADB_CLIENT_EXTENDED_METADATA,
  MARIADB_CLIENT_STMT_BULK_OPERATIONS,
  OFFERED_CAPABILITIES_MASK,
  OFFERED_MARIADB_CAPABILITIES,
  hasCapability,
} from '../../src/protocols/mysql/wire/login/capabilities.js';
import { type Greeting, decodeGreeting } from '../../src/protocols/mysql/wire/login/handshake.js';
import { decodeErr, isErrPacket } from '../../src/protocols/mysql/wire/packets.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { type ClientLogin } from '../support/clients/program.js';
import { RawClient } from '../support/clients/raw.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { type Task, type TestTarget, makeTarget, openTask } from '../support/task.js';

const broker = useSharedBroker();

const NEVER_OFFERED = [
  CLIENT_MULTI_STATEMENTS,
  CLIENT_LOCAL_FILES,
  CLIENT_COMPRESS,
  CLIENT_ZSTD_COMPRESSION_ALGORITHM,
  CLIENT_QUERY_ATTRIBUTES,
  CLIENT_OPTIONAL_RESULTSET_METADATA,
];

/** Sets in which a byte of one character can be a quote or a backslash, and those that are no superset of ASCII. */
const REFUSED_SETS = ['big5', 'sjis', 'cp932', 'gbk', 'gb18030', 'ucs2', 'utf16', 'utf16le', 'utf32'];

async function greetingOf(login: ClientLogin): Promise<Greeting> {
  const client = await RawClient.open(login);
  const greeting = decodeGreeting((await client.packet()).payload);
  client.destroy();
  return greeting;
}

describe.each(engines())('an endpoint of $flavour $version', (engine) => {
  let target: TestTarget;
  let task: Task;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine);
    task = await openTask(broker(), target);
  });
  afterAll(() => target?.drop());

  test('greets as its target does, by whose version and collation drivers decide, and offers what it understands', async () => {
    const [direct, through] = [await greetingOf(rootLogin(engine)), await greetingOf(task.login)];
    expect(through.serverVersion).toBe(direct.serverVersion);
    expect(through.collationId).toBe(direct.collationId);
    expect(through.authPlugin).toBe(direct.authPlugin);
    expect(through.mariadbCapabilities).toBe(direct.mariadbCapabilities & OFFERED_MARIADB_CAPABILITIES);
    expect(through.mariadbCapabilities).toBe(
      engine.flavour === 'mariadb' ? MARIADB_CLIENT_EXTENDED_METADATA | MARIADB_CLIENT_STMT_BULK_OPERATIONS : 0,
    );
    expect(through.capabilities & ~OFFERED_CAPABILITIES_MASK).toBe(0);
    for (const flag of NEVER_OFFERED) expect(hasCapability(through.capabilities, flag)).toBe(false);
    const shared = direct.capabilities & OFFERED_CAPABILITIES_MASK & ~CLIENT_LONG_PASSWORD;
    expect(hasCapability(through.capabilities, shared)).toBe(true);
  });

  test('takes every collation of utf8mb4 at the login, as the target does, and no set that hides quotes', async () => {
    const collations = await target.rootRows(
      'SELECT ID AS id, CHARACTER_SET_NAME AS name FROM information_schema.COLLATIONS WHERE ID BETWEEN 1 AND 255',
    );
    const idsOf = (sets: readonly string[]): readonly number[] =>
      collations.filter(({ name }) => sets.includes(String(name))).map(({ id }) => Number(id));
    const utf8 = idsOf(['utf8mb4']);
    expect(utf8.length).toBeGreaterThan(20);
    const [mine, theirs] = [
      await connectionCollations(task.login, utf8),
      await connectionCollations(rootLogin(engine), utf8),
    ];
    expect(mine).toEqual(theirs);
    const refused = idsOf(REFUSED_SETS);
    expect(refused.length).toBeGreaterThan(20);
    for (const collation of refused) {
      const client = await RawClient.open(task.login);
      const answer = await client.logIn(task.login, { collation });
      expect(isErrPacket(answer) && decodeErr(answer).errno, `collation ${collation}`).toBe(1115);
    }
  });
});

/** MariaDB has its performance_schema, which shows attributes, switched off. */
const SHOWING = engines().filter(({ flavour }) => flavour === 'mysql');

describe.each(SHOWING)('a session on $flavour $version', (engine) => {
  test('tells the target what its client says of itself, and the grant', async () => {
    const target = await makeTarget(broker(), engine);
    const task = await openTask(broker(), target);
    const shown = await withMysql2(
      task.login,
      async (connection) => {
        const [[row]] = await connection.query<RowDataPacket[]>('SELECT CONNECTION_ID() AS id');
        return target.rootRows(
          `SELECT ATTR_NAME AS name, ATTR_VALUE AS value FROM performance_schema.session_connect_attrs
           WHERE PROCESSLIST_ID = ${Number(row?.['id'])}`,
        );
      },
      { connectAttributes: { program_name: 'a program', doorwarden_grant: 'forged' } },
    );
    const attributes = new Map(shown.map(({ name, value }) => [name, value]));
    expect(attributes.get('program_name')).toBe('a program');
    expect(attributes.get('doorwarden_grant')).toBe(task.id);
    expect((await task.close()).of('session.opened')[0]?.body.attributes).toMatchObject({ doorwarden_grant: 'forged' });
    await target.drop();
  });
});

/** What the target says of each login's collation; some clients' ids are not the server's, so both may fall back. */
async function connectionCollations(login: ClientLogin, ids: readonly number[]): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  for (const collation of ids) {
    const client = await RawClient.logIn(login, { collation });
    const { results } = await client.query('SELECT @@character_set_client, @@collation_connection');
    seen.push(results[0]?.kind === 'rows' ? results[0].rows : undefined);
    client.destroy();
  }
  return seen;
}
