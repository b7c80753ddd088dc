import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLIENT_LOCAL_FILES, CLIENT_MULTI_STATEMENTS } from '../../src/protocols/mysql/wire/login/capabilities.js';
import {
  COM_PING,
  COM_QUERY,
  COM_STMT_CLOSE,
  COM_STMT_BULK_EXECUTE,
  COM_STMT_EXECUTE,
  COM_STMT_FETCH,
  COM_STMT_PREPARE,
  COM_STMT_RESET,
  COM_STMT_SEND_LONG_DATA,
  commandName,
  isCommandAllowed,
} from '../../src/protocols/mysql/wire/commands.js';
import { decodeErr } from '../../src/protocols/mysql/wire/packets.js';
import { ALLOW_EVERYTHING } from '../support/policies.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { RawClient, commandPackets } from '../support/clients/raw.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { engines } from '../support/engines.js';
import { NOTHING_LEFT, type TestTarget, isGreeting, makeTarget, openTask, tracesOf } from '../support/task.js';

const MIB = 1024 * 1024;
const COM_CREATE_DB = 0x05;
const COM_DROP_DB = 0x06;
const COM_PROCESS_KILL = 0x0c;
const COM_CHANGE_USER = 0x11;
const COM_SET_OPTION = 0x1b;
const OK_HEADER = 0x00;
const ERR_HEADER = 0xff;
const GBK_CHINESE_CI = 28;

const broker = useSharedBroker(ALLOW_EVERYTHING, { AUTHENTICATION_SECONDS: '2', COMMAND_BYTES_MAX: String(MIB) });

/** Little-endian numbers, 4 bytes each. */
function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number >>> 0, index * 4);
  return bytes;
}

/** An execution without parameters. */
function execution(id: number): Buffer {
  return Buffer.concat([words(id), Buffer.from([0]), words(1)]);
}

describe.each(engines())('an endpoint of $flavour $version', (engine) => {
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, {
      schema: ['CREATE TABLE a (id INT PRIMARY KEY)', 'INSERT INTO a VALUES (1), (2), (3)'],
      sessionsMax: 3,
    });
  });
  afterAll(() => target?.drop());

  const rowCount = async (): Promise<number> =>
    Number((await target.rootRows('SELECT COUNT(*) AS n FROM a'))[0]?.['n']);

  test('answers a wrong password and a wrong user alike, late, and records both', async () => {
    const task = await openTask(broker(), target);
    const messages = [];
    for (const wrong of [{ password: 'wrong' }, { user: 'root' }, { password: '' }]) {
      const client = await RawClient.open(task.login);
      const startedMs = performance.now();
      const answer = decodeErr(await client.logIn({ ...task.login, ...wrong }));
      expect(performance.now() - startedMs).toBeGreaterThan(450);
      expect(answer).toMatchObject({ errno: 1045, sqlState: '28000' });
      messages.push(answer.message);
      await client.closed();
    }
    expect(new Set(messages).size).toBe(1);
    const recorded = await task.close();
    const refusals = recorded.of('session.refused');
    expect(refusals.map(({ code }) => code)).toEqual(Array.from({ length: 3 }, () => 'credential_wrong'));
    expect(recorded.of('session.opened')).toEqual([]);
  });

  test('is gone when its grant has ended, and its credential opens no other endpoint', async () => {
    const [first, second] = [await openTask(broker(), target), await openTask(broker(), target)];
    await first.close();
    expect(await isGreeting(first.connection)).toBe(false);
    const { host, port } = second.connection;
    await expect(withMysql2({ ...first.login, host, port }, async () => null)).rejects.toMatchObject({ errno: 1045 });
    await second.close();
    expect(await tracesOf(target, first.login.user)).toEqual(NOTHING_LEFT);
  });

  test('takes no more sessions than its grant allows, and takes one again when another has gone', async () => {
    const task = await openTask(broker(), target);
    const clients = await Promise.all([1, 2, 3].map(() => RawClient.logIn(task.login)));
    const fourth = await RawClient.open(task.login);
    expect(decodeErr(await fourth.logIn(task.login))).toMatchObject({ errno: 1040 });
    clients[0]?.destroy();
    await expect
      .poll(() =>
        RawClient.logIn(task.login).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    const recorded = await task.close();
    expect(recorded.of('session.opened')).toHaveLength(4);
  });

  test('refuses and records every command that is not on its list, and forwards not one byte of them', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    const received = async (): Promise<number> => {
      const { results } = await client.query("SHOW SESSION STATUS LIKE 'Bytes_received'");
      const [rows] = results;
      return Number(rows?.kind === 'rows' ? rows.rows[0]?.[1] : Number.NaN);
    };
    const contents = new Map([
      [COM_CREATE_DB, Buffer.from('made_by_command')],
      [COM_DROP_DB, Buffer.from(target.database)],
      [COM_PROCESS_KILL, words(1)],
      [COM_CHANGE_USER, Buffer.from('root\0\0\0')],
      [COM_SET_OPTION, Buffer.from([0, 0])],
      [COM_STMT_BULK_EXECUTE, Buffer.concat([words(0xffffffff), Buffer.from([128, 0])])],
    ]);
    const refused = Array.from({ length: 256 }, (_, command) => command).filter(
      // Rows of values are for clients that agreed on them, which this one has not.
      (command) => !isCommandAllowed(command) || command === COM_STMT_BULK_EXECUTE,
    );
    await received();
    const before = await received();
    for (const command of refused) {
      expect(await client.refused(command, contents.get(command)), commandName(command)).toMatchObject({ errno: 1047 });
    }
    const oneQuery = Buffer.byteLength("SHOW SESSION STATUS LIKE 'Bytes_received'") + 5;
    expect((await received()) - before).toBe(oneQuery);
    const recorded = await task.close();
    expect(recorded.of('refused').map(({ name, code }) => [name, code])).toEqual(
      refused.map((command) => [commandName(command), 'command_refused']),
    );
  });

  test('refuses an empty command, and goes on', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    client.write(Buffer.from([0, 0, 0, 0]));
    expect(await client.err()).toMatchObject({ errno: 1047 });
    expect((await client.query('SELECT 1')).error).toBeUndefined();
    await task.close();
  });

  test('executes only ids that it gave out to this session', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    const other = await RawClient.logIn(task.login);
    for (const command of [COM_STMT_EXECUTE, COM_STMT_RESET, COM_STMT_FETCH]) {
      const content =
        command === COM_STMT_EXECUTE ? execution(1) : words(1, ...(command === COM_STMT_FETCH ? [1] : []));
      expect(await client.refused(command, content), commandName(command)).toMatchObject({ errno: 1243 });
    }
    const id = await client.prepare('DELETE FROM a');
    // Nothing was prepared in that session, so there is no "one just prepared" either.
    expect(await other.refused(COM_STMT_EXECUTE, execution(-1))).toMatchObject({ errno: 1243 });
    expect(await client.refused(COM_STMT_EXECUTE, execution(id + 1))).toMatchObject({ errno: 1243 });
    expect(await other.refused(COM_STMT_EXECUTE, execution(id + 7))).toMatchObject({ errno: 1243 });
    // What has no answer gets none: the next answer is that to PING.
    client.command(COM_STMT_SEND_LONG_DATA, Buffer.concat([words(id + 1), Buffer.from([0, 0, 65])]));
    client.command(COM_STMT_CLOSE, words(id + 1));
    client.command(COM_PING);
    expect((await client.response(COM_PING)).error).toBeUndefined();
    client.command(COM_STMT_CLOSE, words(id));
    expect(await client.refused(COM_STMT_EXECUTE, execution(id))).toMatchObject({ errno: 1243 });
    expect(await rowCount()).toBe(3);
    const recorded = await task.close();
    expect(recorded.texts).toEqual(['DELETE FROM a']);
    expect(recorded.of('refused').every(({ code }) => code === 'statement_unknown')).toBe(true);
    expect(recorded.of('refused')).toHaveLength(9);
  });

  test('takes the id -1 of an execution that is sent ahead as the one just prepared on MariaDB alone', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    client.write(
      commandPackets(COM_STMT_PREPARE, 'DELETE FROM a WHERE id = 9'),
      commandPackets(COM_STMT_EXECUTE, execution(-1)),
      commandPackets(COM_PING),
    );
    // The first bytes of three answers of one packet each.
    const first = async (): Promise<number | undefined> => (await client.packet()).payload[0];
    const executed = engine.flavour === 'mariadb' ? OK_HEADER : ERR_HEADER;
    expect([await first(), await first(), await first()]).toEqual([OK_HEADER, executed, OK_HEADER]);
    const recorded = await task.close();
    expect(recorded.texts).toHaveLength(engine.flavour === 'mariadb' ? 2 : 1);
  });

  test('reads nothing as a command before the login has ended', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.open(task.login);
    const answer = await client.logIn(task.login, { pipelined: commandPackets(COM_QUERY, 'DELETE FROM a') });
    expect(decodeErr(answer)).toMatchObject({ errno: 1156 });
    await client.closed();
    expect(await rowCount()).toBe(3);
    const recorded = await task.close();
    expect(recorded.texts).toEqual([]);
    expect(recorded.of('session.refused')).toMatchObject([{ code: 'packets_out_of_order' }]);
  });

  test('takes nothing that was sent in the clear behind the request for TLS', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.open(task.login);
    await expect(client.logInWithTls(task.login, commandPackets(COM_QUERY, 'DELETE FROM a'))).rejects.toThrow('closed');
    expect(await rowCount()).toBe(3);
    const tls = await RawClient.open(task.login);
    expect((await tls.logInWithTls(task.login))[0]).toBe(0);
    const recorded = await task.close();
    expect(recorded.texts).toEqual([]);
    expect(recorded.of('session.refused')).toMatchObject([{ code: 'handshake_invalid' }]);
  });

  test('ends a session whose packets come with wrong sequence ids', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    client.command(COM_QUERY, 'DELETE FROM a', 3);
    expect(await client.err()).toMatchObject({ errno: 1156 });
    await client.closed();
    expect(await rowCount()).toBe(3);
    const recorded = await task.close();
    expect(recorded.of('session.closed')).toMatchObject([{ reason: 'refused', code: 'packets_out_of_order' }]);
  });

  test('ends a session whose command is announced as too large, before it has come', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    client.write(Buffer.from([0x01, 0x00, 0x10, 0x00, COM_QUERY])); // 1 MiB and a byte
    expect(await client.err()).toMatchObject({ errno: 1153 });
    await client.closed();
    const recorded = await task.close();
    expect(recorded.of('session.closed')).toMatchObject([{ reason: 'refused', code: 'payload_too_large' }]);
  });

  test('gives up on a client that does not log in in time, and on one that sends a byte now and then', async () => {
    const task = await openTask(broker(), target);
    const [silent, slow] = [await RawClient.open(task.login), await RawClient.open(task.login)];
    await Promise.all([silent.packet(), slow.packet()]);
    slow.write(Buffer.from([0xff, 0xff, 0, 1])); // of a login that will never be whole
    const trickle = setInterval(() => slow.write(Buffer.from([0])), 300);
    expect(await silent.err()).toMatchObject({ errno: 1159 });
    await Promise.all([silent.closed(), slow.closed()]);
    clearInterval(trickle);
    const recorded = await task.close();
    const refused = recorded.of('session.refused').map(({ code }) => code);
    expect(refused).toEqual(['authentication_timeout', 'authentication_timeout']);
  });

  test('turns a flood of connections that do not log in away, and still takes a login', async () => {
    const task = await openTask(broker(), target);
    const flood = await Promise.all(Array.from({ length: 40 }, () => RawClient.open(task.login)));
    const first = await Promise.all(flood.map((client) => client.packet()));
    expect(first.filter(({ payload }) => payload[0] === 0xff).length).toBeGreaterThan(20);
    for (const client of flood) client.destroy();
    await expect.poll(() => withMysql2(task.login, async () => true).catch(() => false)).toBe(true);
    await task.close();
  });

  test('lets no client have what it did not offer: several statements in one, files, gbk', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login, { capabilities: CLIENT_MULTI_STATEMENTS | CLIENT_LOCAL_FILES });
    expect((await client.query('SELECT 1; DELETE FROM a')).error).toMatchObject({ errno: 1064 });
    const loaded = await client.query("LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE a");
    expect(loaded.error?.errno).toBeOneOf([1148, 3948, 4166]);
    const gbk = await RawClient.open(task.login);
    expect(decodeErr(await gbk.logIn(task.login, { collation: GBK_CHINESE_CI }))).toMatchObject({ errno: 1115 });
    expect(await rowCount()).toBe(3);
    const recorded = await task.close();
    expect(recorded.of('session.refused')).toMatchObject([{ code: 'character_set_refused' }]);
  });
});
