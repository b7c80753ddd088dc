import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { quoteDatabasePattern } from '../../src/protocols/mysql/account/sql-quote.js';
import { COM_INIT_DB, COM_QUERY, COM_STMT_EXECUTE, COM_STMT_PREPARE } from '../../src/protocols/mysql/wire/commands.js';
import { approvalsOf, decide, decideHeld, seeHeld } from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { RawClient } from '../support/clients/raw.js';
import { runAsRoot } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { callAs } from '../support/http.js';
import { openTask } from '../support/task.js';
import { HELD_POLICIES, useHeldShop } from './held-shop.js';
import { statementAsked } from '../support/statement-asked.js';

const broker = useSharedBroker(HELD_POLICIES);

const LATIN1_SWEDISH_CI = 8;
const PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
/** Longer than it takes on a busy machine. */
const SOON = { timeout: 45_000 };
const UPDATE = 'UPDATE orders SET runs = runs + 1 WHERE id = 1';

describe.each(engines())('on $flavour $version', (engine) => {
  const other = `other_${engine.flavour}_${process.pid}`;
  const shop = useHeldShop(broker, engine);
  beforeAll(async () => {
    const { name, database, provisioner } = shop().target;
    const pattern = quoteDatabasePattern(other);
    await runAsRoot(engine, [
      `CREATE DATABASE ${other}`,
      `CREATE TABLE ${other}.orders (id INT PRIMARY KEY, runs INT NOT NULL DEFAULT 0)`,
      `INSERT INTO ${other}.orders (id) VALUES (1)`,
      `GRANT ${PRIVILEGES.join(', ')}, TRIGGER ON ${pattern}.* TO ${provisioner.quoted} WITH GRANT OPTION`,
    ]);
    const limits = { privileges: PRIVILEGES, databases: [database, other], sessionsMax: 16 };
    const path = `/v1/targets/${name}`;
    const changed = await callAs(broker(), 'operator', { method: 'PATCH', path, body: { limits } });
    expect(changed.status).toBe(200);
  });
  afterAll(() => runAsRoot(engine, [`DROP DATABASE ${other}`]));

  const openBoth = () => {
    const { target } = shop();
    const databases = [target.database, other];
    return openTask(broker(), target, {
      access: databases.map((database) => ({ database, privileges: 'ALL' as const })),
    });
  };

  test('an execution is judged, shown and run in the database that its statement was prepared in', async () => {
    const { target } = shop();
    const task = await openBoth();
    const client = await RawClient.logIn(task.login);
    const id = await client.prepare(UPDATE);
    client.command(COM_INIT_DB, other);
    await client.response(COM_INIT_DB);
    for (const runs of [1, 2]) {
      client.command(COM_STMT_EXECUTE, executionOf(id));
      const approval = await decideHeld(broker(), task.id, { decision: 'approve' });
      expect(approval.database).toBe(target.database);
      expect(statementAsked(approval).facts.tables).toMatchObject([{ database: target.database, table: 'orders' }]);
      const { results, error } = await client.response(COM_STMT_EXECUTE);
      expect(error).toBeUndefined();
      expect(results).toMatchObject([{ kind: 'ok', affectedRows: 1 }]);
      expect(await shop().runs('orders')).toBe(runs);
    }
    expect(await target.rootRows(`SELECT runs FROM ${other}.orders`)).toEqual([{ runs: 0 }]);
    const { rows } = await onlyResult(client, 'SELECT DATABASE()');
    expect(rows).toEqual([[other]]);
    client.destroy();
    const recorded = await task.close();
    const executions = recorded.statements.filter(({ entry }) => entry.name === 'COM_STMT_EXECUTE');
    expect(executions.map(({ entry }) => entry.body.database)).toEqual([target.database, target.database]);
  });

  test('what is prepared has not changed the session: neither its character set nor its database', async () => {
    const task = await openBoth();
    const client = await RawClient.logIn(task.login, { collation: LATIN1_SWEDISH_CI });
    await client.prepare('SET NAMES utf8mb4');
    expect((await onlyResult(client, "SELECT CHAR_LENGTH('é')")).rows).toEqual([['2']]);
    client.command(COM_STMT_PREPARE, `USE ${other}`);
    expect((await client.response(COM_STMT_PREPARE)).error?.message).toMatch(/\(session_change_refused\)$/);
    client.destroy();
    const { entry } = (await task.close()).statements[1] ?? {};
    expect(entry).toMatchObject({ shape: 'select CHAR_LENGTH(?s)', body: { characterSet: 'latin1' } });
  });

  test('what was judged in a session of UTF-8 does not count in one of another character set', async () => {
    const task = await openBoth();
    const utf8 = await RawClient.logIn(task.login);
    expect((await utf8.query("SELECT 'é', 1")).error).toBeUndefined();
    const latin1 = await RawClient.logIn(task.login, { collation: LATIN1_SWEDISH_CI });
    expect((await onlyResult(latin1, "SELECT CHAR_LENGTH('é'), 2")).rows).toEqual([['2', '2']]);
    await latin1.query('SET NAMES utf8mb4');
    await latin1.query('SET character_set_connection = latin1');
    const { error } = await latin1.query("SELECT '漢', 2");
    expect(error?.message).toContain('from utf8mb4 into latin1, which does not have a character of this statement.');
    expect((await latin1.query("SELECT 'é', 2")).error).toBeUndefined();
  });

  test('bytes of another character set do not pass as a known shape: the approver sees what would be stored', async () => {
    const task = await openBoth();
    const latin1 = await RawClient.logIn(task.login, { collation: LATIN1_SWEDISH_CI });
    for (const [note, seen] of [
      ['e', 'e'],
      ['é', 'Ã©'],
    ]) {
      latin1.command(COM_QUERY, `UPDATE orders SET note = '${note}' WHERE id = 1`);
      const { statement } = await decideHeld(broker(), task.id, { decision: 'approve' });
      expect(statement?.text).toBe(`UPDATE orders SET note = '${seen}' WHERE id = 1`);
      expect((await latin1.response(COM_QUERY)).error).toBeUndefined();
      const stored = await shop().target.rootRows('SELECT note FROM orders WHERE id = 1');
      expect(stored).toEqual([{ note: seen }]);
    }
    const prepared = await latin1.prepare('UPDATE orders SET note = ? WHERE id = 1');
    latin1.command(COM_STMT_EXECUTE, executionWith(prepared, 'é'));
    const { statement } = await decideHeld(broker(), task.id, { decision: 'approve' });
    expect(statement?.values).toMatchObject([{ value: Buffer.from('é').toString('base64'), encoding: 'base64' }]);
    expect((await latin1.response(COM_STMT_EXECUTE)).error).toBeUndefined();
  });

  test('what was prepared under another character set is not executed', async () => {
    const task = await openBoth();
    const client = await RawClient.logIn(task.login, { collation: LATIN1_SWEDISH_CI });
    const id = await client.prepare("SELECT 'e'");
    await client.query('SET NAMES utf8mb4');
    const { message } = await client.refused(COM_STMT_EXECUTE, executionOf(id));
    expect(message).toContain(
      'The statement was prepared with a different sql_mode or character set than the session has now; prepare it again.',
    );
  });

  test.each([
    ['another value of a variable', 'SET @most = 1', 'SET @most = 10', 'WHERE id <= @most'],
    ['a session that is set otherwise', 'SET foreign_key_checks = 1', 'SET foreign_key_checks = 0', 'WHERE id <= 10'],
  ])('an approval is not for %s', async (_what, before, behind, where) => {
    const task = await shop().newTask();
    const asking = async (setting: string): Promise<RawClient> => {
      const client = await RawClient.logIn(task.login);
      await client.query(setting);
      client.command(COM_QUERY, `UPDATE orders SET runs = runs + 1 ${where}`);
      return client;
    };
    const first = await asking(before);
    const { id } = await seeHeld(broker(), task.id);
    first.destroy();
    const second = await asking(behind);
    await vi.waitFor(async () => expect(await approvalsOf(broker(), task.id, 'pending')).toHaveLength(2), SOON);
    await decide(broker(), id, { decision: 'approve' });
    await decideHeld(broker(), task.id, { decision: 'deny' });
    expect((await second.response(COM_QUERY)).error?.message).toMatch(/\(statement_denied_by_approver\)$/);
    expect(await shop().runs('orders')).toBe(0);
  });
});

async function onlyResult(client: RawClient, text: string): Promise<{ readonly rows: readonly unknown[] }> {
  const [result] = (await client.query(text)).results;
  if (result?.kind !== 'rows') throw new Error('There are no rows');
  return result;
}

function executionOf(id: number): Buffer {
  const content = Buffer.alloc(9);
  content.writeUInt32LE(id, 0);
  content.writeUInt32LE(1, 5);
  return content;
}

const MYSQL_TYPE_VAR_STRING = 0xfd;

/** With one bound value, a short text in UTF-8. */
function executionWith(id: number, value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([executionOf(id), Buffer.from([0, 1, MYSQL_TYPE_VAR_STRING, 0, bytes.length]), bytes]);
}
