import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../support/folders.js';
import { COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import { DRIVERS } from '../clients/programs.js';
import { approvalsOf, decideHeld } from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMariadbConnector } from '../support/clients/mariadb-connector.js';
import { type ClientLogin, type ClientOutcome, runProgram } from '../support/clients/program.js';
import { RawClient } from '../support/clients/raw.js';
import { engines } from '../support/engines.js';
import { HELD_POLICIES, useHeldShop } from './held-shop.js';

const broker = useSharedBroker(HELD_POLICIES);

const LATIN1_SWEDISH_CI = 8;
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const INSERT = 'INSERT INTO files (id, body) VALUES (?, ?)';
const PDO = join(ROOT, 'test', 'clients', 'programs', 'pdo.php');

interface Writer {
  readonly name: string;
  /** Inserts every byte under this id. */
  readonly write: (login: ClientLogin, id: number) => Promise<unknown>;
}

/** Those whose bound values are bytes in the text of the statement. */
const WRITERS: readonly Writer[] = [
  ...DRIVERS.filter(({ name }) => name === 'PyMySQL' || name === 'MySQLdb').map(({ name, run }) => ({
    name,
    write: async (login: ClientLogin, id: number) => succeed(await run(login, [stepOf(id)])),
  })),
  ...DRIVERS.filter(({ name }) => name === 'PHP PDO').map(() => ({
    name: 'PDO, which emulates prepared statements unless it is told not to',
    write: async (login: ClientLogin, id: number) => {
      const input = JSON.stringify({ login, steps: [stepOf(id)] });
      return succeed(await runProgram('/usr/bin/php', [PDO, 'emulated'], { input }));
    },
  })),
  {
    name: 'the MariaDB connector',
    write: (login, id) => withMariadbConnector(login, (connection) => connection.query(INSERT, [id, EVERY_BYTE])),
  },
];

describe.each(engines())('bytes in texts, on $flavour $version', (engine) => {
  const schema = ['CREATE TABLE files (id INT PRIMARY KEY, body BLOB, `größe` VARCHAR(20) CHARACTER SET utf8mb4)'];
  const shop = useHeldShop(broker, engine, () => ({ schema }));

  test.each(WRITERS.map((writer, index) => ({ ...writer, id: index + 1 })))(
    '$name writes them into a quoted literal: shown in hexadecimal, recorded and stored byte for byte',
    async ({ write, id }) => {
      const { target } = shop();
      const task = await shop().newTask();
      const writing = write(task.login, id);
      const { statement } = await decideHeld(broker(), task.id, { decision: 'approve' });
      await writing;
      expect(statement?.text.toLowerCase()).toContain(`x'${EVERY_BYTE.toString('hex')}'`);
      expect(statement?.facts).toMatchObject({ action: 'insert', notUnderstood: null });
      expect(await target.rootRows(`SELECT HEX(body) AS body FROM files WHERE id = ${id}`)).toEqual([
        { body: EVERY_BYTE.toString('hex').toUpperCase() },
      ]);
      const held = (await task.close()).statements.find(({ entry }) => entry.verdict === 'hold');
      expect(held?.entry.body).toHaveProperty('textBase64');
      expect(held?.text.includes(Buffer.from([0xfd, 0xfe, 0xff]))).toBe(true);
    },
  );

  test('an approval is for these bytes and no others', async () => {
    const task = await shop().newTask();
    const client = await RawClient.logIn(task.login);
    client.command(COM_QUERY, Buffer.from("INSERT INTO files (id, body) VALUES (100, '\\\\\xff')", 'latin1'));
    await decideHeld(broker(), task.id, { decision: 'deny' });
    expect((await client.response(COM_QUERY)).error?.message).toMatch(/\(statement_denied_by_approver\)$/);
    client.command(COM_QUERY, Buffer.from("INSERT INTO files (id, body) VALUES (100, '\\\\\xfe')", 'latin1'));
    const { statement } = await decideHeld(broker(), task.id, { decision: 'approve' });
    expect(statement?.text).toBe("INSERT INTO files (id, body) VALUES (100, x'5cfe')");
    await client.response(COM_QUERY);
    client.end();
    expect(await approvalsOf(broker(), task.id)).toHaveLength(2);
  });

  test('a session greeted with latin1, or set to it, has its texts read, shown and recorded by it', async () => {
    const { target } = shop();
    const task = await shop().newTask();
    const greeted = await RawClient.logIn(task.login, { collation: LATIN1_SWEDISH_CI });
    const set = await RawClient.logIn(task.login);
    await set.query('SET NAMES latin1');
    for (const [id, client] of [greeted, set].entries()) {
      const text = `INSERT INTO files (id, größe) VALUES (${200 + id}, 'schön')`;
      client.command(COM_QUERY, Buffer.from(text, 'latin1'));
      const { statement } = await decideHeld(broker(), task.id, { decision: 'approve' });
      expect(statement?.text).toBe(text);
      expect((await client.response(COM_QUERY)).error).toBeUndefined();
      client.end();
    }
    const rows = await target.rootRows('SELECT HEX(`größe`) AS h FROM files WHERE id BETWEEN 200 AND 201');
    expect(rows).toEqual([{ h: '736368C3B66E' }, { h: '736368C3B66E' }]);
    const recorded = await task.close();
    const held = recorded.statements.filter(({ entry }) => entry.verdict === 'hold');
    expect(held.map(({ entry }) => entry.body)).toMatchObject([{ characterSet: 'latin1' }, { characterSet: 'latin1' }]);
    expect(held.map(({ text }) => text.toString('latin1').slice(-8))).toEqual(["'schön')", "'schön')"]);
  });
});

function stepOf(id: number) {
  return { sql: INSERT, values: [id, { hex: EVERY_BYTE.toString('hex') }] };
}

function succeed(outcome: ClientOutcome): void {
  expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  expect(outcome.stdout).not.toContain('"error"');
}
