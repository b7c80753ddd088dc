import type { RowDataPacket } from 'mysql2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALLOW_EVERYTHING } from '../support/policies.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import type { ClientLogin } from '../support/clients/program.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { makeTarget, openTask, type TestTarget } from '../support/task.js';

const broker = useSharedBroker(ALLOW_EVERYTHING, {
  GATEWAY_SOCKETS: 'stream',
  GATEWAY_VERDICTS_BY: 'text',
  GATEWAY_BUSY_POLL_US: '0',
  RECORDING_ENTRIES_AS: 'json',
});

const LONG = 'é"\\'.repeat(200_000);
const SCHEMA = [
  'CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(40), body LONGTEXT)',
  `INSERT INTO item VALUES (1, 'apple', '${LONG.replaceAll('\\', '\\\\')}'), (2, 'péar "2"', NULL)`,
];
const TEXTS = [1, 2, 1, 3].map((id) => `SELECT id, name FROM item WHERE id = ${id}`);

/** Texts of one shape, the same text again, a prepared statement, a large row, and an error. */
async function work(login: ClientLogin): Promise<readonly unknown[]> {
  return withMysql2(login, async (connection) => {
    const seen: unknown[] = [];
    for (const text of TEXTS) seen.push((await connection.query<RowDataPacket[]>(text))[0]);
    for (const id of [1, 2]) {
      seen.push((await connection.execute<RowDataPacket[]>('SELECT name FROM item WHERE id = ?', [id]))[0]);
    }
    seen.push((await connection.query<RowDataPacket[]>('SELECT body FROM item'))[0]);
    seen.push(await connection.query('SELECT nothing FROM item').catch(({ errno }: { errno: number }) => errno));
    return seen;
  });
}

describe.each(engines())('with every trick switched off, at $flavour $version', (engine) => {
  let target: TestTarget;
  beforeAll(async () => {
    target = await makeTarget(broker(), engine, { schema: SCHEMA });
  });
  afterAll(() => target?.drop());

  test('a client sees what it sees directly, and the recording holds all of it', async () => {
    const task = await openTask(broker(), target);
    const seen = await work(task.login);
    expect(seen).toEqual(await work({ ...rootLogin(engine), database: target.database }));
    expect(seen.at(-1)).toBe(1054);
    const statements = (await task.close()).of('operation');
    const texts = statements.map(({ body }) => ('text' in body ? body.text : ''));
    expect(texts).toEqual(expect.arrayContaining([...TEXTS, 'SELECT body FROM item']));
    const shapes = statements.filter((_, index) => TEXTS.includes(texts[index] ?? ''));
    expect(shapes).toHaveLength(TEXTS.length);
    expect(new Set(shapes.map(({ shape }) => shape)).size).toBe(1);
    expect(new Set(statements.map(({ verdict }) => verdict))).toEqual(new Set(['allow']));
  });
});
