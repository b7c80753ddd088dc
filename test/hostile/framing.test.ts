import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CLIENT_COMPRESS,
  CLIENT_CONNECT_ATTRS,
  CLIENT_LOCAL_FILES,
  CLIENT_LONG_PASSWORD,
  CLIENT_MULTI_STATEMENTS,
  CLIENT_OPTIONAL_RESULTSET_METADATA,
  CLIENT_QUERY_ATTRIBUTES,
  CLIENT_ZSTD_COMPRESSION_ALGORITHM,
} from '../../src/protocols/mysql/wire/login/capabilities.js';
import {
  COM_INIT_DB,
  COM_QUERY,
  COM_STMT_EXECUTE,
  COM_STMT_PREPARE,
  COM_STMT_RESET,
  COM_STMT_SEND_LONG_DATA,
} from '../../src/protocols/mysql/wire/commands.js';
import { decodeGreeting } from '../../src/protocols/mysql/wire/login/handshake.js';
import { PayloadWriter } from '../../src/protocols/mysql/wire/lenenc.js';
import { PACKET_PAYLOAD_BYTES_MAX, encodePackets } from '../../src/protocols/mysql/wire/packet.js';
import { isErrPacket } from '../../src/protocols/mysql/wire/packets.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { RawClient, commandPackets } from '../support/clients/raw.js';
import { rootLogin, runAsRoot } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { type Recorded } from '../support/recorded.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';

const MIB = 1024 * 1024;
const MYSQL_TYPE_VAR_STRING = 0xfd;

const RUNNING = "SELECT 1 FROM information_schema.processlist WHERE DB = DATABASE() AND INFO LIKE 'INSERT INTO a%'";

const broker = useSharedBroker();

function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number >>> 0, index * 4);
  return bytes;
}

/** An execution with one text parameter; without a value it came in pieces. */
function execution(id: number, value?: string): Buffer {
  const writer = new PayloadWriter().uint32(id).uint8(0).uint32(1).uint8(0).uint8(1);
  writer.uint8(MYSQL_TYPE_VAR_STRING).uint8(0);
  return (value === undefined ? writer : writer.lenencText(value)).finish();
}

const longData = (id: number, parameter: number, text: string): Buffer =>
  Buffer.concat([words(id), Buffer.from([parameter & 0xff, parameter >> 8]), Buffer.from(text)]);

describe.each(engines())('an endpoint of $flavour $version', (engine) => {
  let target: TestTarget;

  beforeAll(async () => {
    await runAsRoot(engine, [`SET GLOBAL max_allowed_packet = ${64 * MIB}`]);
    target = await makeTarget(broker(), engine, {
      schema: [
        'CREATE TABLE a (id INT PRIMARY KEY)',
        'INSERT INTO a VALUES (1), (2), (3)',
        'CREATE TABLE b (id INT AUTO_INCREMENT PRIMARY KEY, t VARCHAR(200) UNIQUE)',
      ],
    });
  });
  afterAll(() => target?.drop());

  const rowCount = async (): Promise<number> =>
    Number((await target.rootRows('SELECT COUNT(*) AS n FROM a'))[0]?.['n']);
  const rowsOfB = async (): Promise<readonly unknown[]> =>
    (await target.rootRows('SELECT t FROM b ORDER BY id')).map((row) => row['t']);

  /** What was executed, by the recording: the value of every execution that the target answered with OK. */
  const valuesRun = (recorded: Recorded): readonly unknown[] =>
    recorded.statements
      .filter(({ entry, result }) => entry.name === 'COM_STMT_EXECUTE' && result?.outcome === 'ok')
      .map(({ entry }) => entry.body.values?.[0]?.value);

  // The gateway does so before it knows the target.
  if (engine.flavour === 'mariadb')
    describe('puts split payloads together', () => {
      const head = 'SELECT 1 /*';
      const full = head + 'x'.repeat(PACKET_PAYLOAD_BYTES_MAX - 1 - head.length);

      test.each([
        ['a tail past 16 MiB', `${full}*/; DELETE FROM a`, 1064],
        ['a tail past 16 MiB that belongs to it', `${full}*/`, undefined],
        ['exactly one packet and an empty one', `${full.slice(0, -2)}*/`, undefined],
      ])('with %s: judged, recorded and run as one text', async (_, text, errno) => {
        const task = await openTask(broker(), target);
        const client = await RawClient.logIn(task.login, { capabilities: CLIENT_MULTI_STATEMENTS });
        expect((await client.query(text)).error?.errno).toBe(errno);
        expect((await client.query('SELECT 2')).error).toBeUndefined();
        const recorded = await task.close();
        expect(recorded.texts.map((recordedText) => recordedText === text)).toEqual([true, false]);
        expect(await rowCount()).toBe(3);
      });

      test('with a command in the place of the rest: it is the rest, and no command', async () => {
        const task = await openTask(broker(), target);
        const client = await RawClient.logIn(task.login);
        const first = Buffer.concat([Buffer.from('ffffff00', 'hex'), Buffer.from([COM_QUERY]), Buffer.from(full)]);
        client.write(first, commandPackets(COM_QUERY, 'DELETE FROM a', 1));
        await client.packet();
        expect(await rowCount()).toBe(3);
        client.destroy();
        const recorded = await task.close();
        expect(recorded.texts).toHaveLength(1);
        expect(recorded.texts[0]?.endsWith('x\u0003DELETE FROM a')).toBe(true);
      });

      test('with a rest that starts to count again: nothing of it is forwarded', async () => {
        const task = await openTask(broker(), target);
        const client = await RawClient.logIn(task.login);
        const first = Buffer.concat([Buffer.from('ffffff00', 'hex'), Buffer.from([COM_QUERY]), Buffer.from(full)]);
        client.write(first, commandPackets(COM_QUERY, 'DELETE FROM a'));
        expect(await client.err()).toMatchObject({ errno: 1156 });
        await client.closed();
        const recorded = await task.close();
        expect(recorded.texts).toEqual([]);
        expect(recorded.of('session.closed')).toMatchObject([{ reason: 'refused', code: 'packets_out_of_order' }]);
        expect(await rowCount()).toBe(3);
      });
    });

  test('executes what was prepared ahead of its answer only by the id that it then got, and knows no ids of others', async () => {
    const task = await openTask(broker(), target);
    const [one, other] = [await RawClient.logIn(task.login), await RawClient.logIn(task.login)];
    const theirs = [];
    for (let count = 0; count < 4; count += 1) theirs.push(await other.prepare('DELETE FROM a'));
    const withoutParameters = (id: number): Buffer => Buffer.concat([words(id), Buffer.from([0]), words(1)]);
    const next = (await one.prepare('SELECT 4')) + 1;
    one.write(commandPackets(COM_STMT_PREPARE, 'SELECT 5'), commandPackets(COM_STMT_EXECUTE, withoutParameters(next)));
    const guesses = [...theirs, next + 1, next + 0x80000000, ...(engine.flavour === 'mysql' ? [-1] : [])].filter(
      (id) => id !== next && id !== next - 1,
    );
    for (const id of guesses) one.command(COM_STMT_EXECUTE, withoutParameters(id));
    await expect.poll(() => one.unread.toString('latin1').split('(statement_unknown)').length - 1).toBe(guesses.length);
    const recorded = await task.close();
    expect(recorded.texts.filter((text) => text === 'DELETE FROM a')).toHaveLength(4);
    const executed = recorded.statements.filter(({ entry }) => entry.name === 'COM_STMT_EXECUTE');
    expect(executed.map(({ text }) => text.toString())).toEqual(['SELECT 5']);
    expect(await rowCount()).toBe(3);
  });

  test('records of values in pieces what the target puts together, whatever fails in between', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    const id = await client.prepare('INSERT INTO b (t) VALUES (?)');
    const piece = (text: string, parameter = 0, of = id): void =>
      client.command(COM_STMT_SEND_LONG_DATA, longData(of, parameter, text));
    const run = async (value?: string): Promise<number | undefined> => {
      client.command(COM_STMT_EXECUTE, execution(id, value));
      return (await client.response(COM_STMT_EXECUTE)).error?.errno;
    };
    piece('un', 1); // there is no such parameter,
    piece('known', 0, id + 9); // nor such a statement
    piece('');
    piece('a');
    piece('bc');
    expect(await client.refused(COM_STMT_EXECUTE, execution(id, 'inline too'))).toMatchObject({ errno: 1835 });
    expect(await run()).toBeUndefined();
    piece('abc');
    expect(await run()).toBe(1062); // the same again; after it the pieces are gone on both sides
    expect(await run('inline')).toBeUndefined();
    piece('forgotten');
    client.command(COM_STMT_RESET, words(id));
    await client.response(COM_STMT_RESET);
    expect(await run('after reset')).toBeUndefined();
    piece('x'.repeat(300));
    expect(await run()).toBe(1406);
    expect(await run('after too long')).toBeUndefined();
    await target.root('ALTER TABLE b ADD COLUMN c INT DEFAULT 1');
    piece('prepared again');
    expect(await run()).toBeUndefined();
    expect(await run('and inline')).toBeUndefined();
    const recorded = await task.close();
    const values = ['abc', 'inline', 'after reset', 'after too long', 'prepared again', 'and inline'];
    expect(valuesRun(recorded)).toEqual(values);
    expect(await rowsOfB()).toEqual(values);
    expect(recorded.of('refused').map(({ code }) => code)).toEqual([
      'packet_malformed',
      'statement_unknown',
      'packet_malformed',
    ]);
  });

  test.each([
    ['MULTI_STATEMENTS and LOCAL_FILES', CLIENT_MULTI_STATEMENTS | CLIENT_LOCAL_FILES],
    ['COMPRESS', CLIENT_COMPRESS],
    ['ZSTD', CLIENT_ZSTD_COMPRESSION_ALGORITHM],
    ['QUERY_ATTRIBUTES', CLIENT_QUERY_ATTRIBUTES],
    ['OPTIONAL_RESULTSET_METADATA', CLIENT_OPTIONAL_RESULTSET_METADATA],
    ["MariaDB's extended ones", 'extended' as const],
  ])('does without %s when a client takes it unasked', async (_, flags) => {
    const task = await openTask(broker(), target);
    const client = await RawClient.open(task.login);
    const payload = client.loginPayload(task.login, decodeGreeting((await client.packet()).payload), {});
    const asked = flags === 'extended' ? 0 : flags;
    const kept = flags === 'extended' ? ~CLIENT_LONG_PASSWORD : ~0; // without that flag, four bytes more are flags
    payload.writeUInt32LE(((payload.readUInt32LE(0) | asked) & kept) >>> 0, 0);
    if (flags === 'extended') payload.writeUInt32LE(0x37, 28); // all but metadata, which are offered
    client.write(encodePackets(1, Buffer.concat([payload, Buffer.from([3])])));
    expect((await client.loginAnswer())[0]).toBe(0);
    const { results } = await client.query('SELECT 1, 2');
    expect(results).toMatchObject([{ kind: 'rows', rows: [['1', '2']] }]);
    expect((await client.query('SELECT 1; DELETE FROM a')).error?.errno).toBe(1064);
    // With query attributes this would be a DELETE without parameters.
    expect((await client.query('\0\u0001DELETE FROM a')).error?.errno).toBe(1064);
    expect((await client.query("LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE a")).error).toBeDefined();
    expect(await rowCount()).toBe(3);
    const recorded = await task.close();
    expect(recorded.texts).toEqual([
      'SELECT 1, 2',
      'SELECT 1; DELETE FROM a',
      '\0\u0001DELETE FROM a',
      expect.stringContaining('LOAD'),
    ]);
    expect(Number(recorded.of('session.opened')[0]?.body.capabilities) & asked).toBe(0);
  });

  test('keeps names, attributes and control characters as they are, and refuses what is too long', async () => {
    const task = await openTask(broker(), target);
    const attributes = new Map([
      ['constructor', 'polluted'],
      ['_client_name', '<script>\u001b[2J\u202e\u0000"\\'],
      ['long', 'é'.repeat(2_000)],
      ['doorwarden_grant', 'forged'],
    ]);
    const logIn = async (pairs: ReadonlyMap<string, string>, login = task.login): Promise<Buffer> => {
      const client = await RawClient.open(login);
      const greeting = decodeGreeting((await client.packet()).payload);
      const writer = new PayloadWriter();
      for (const [name, value] of pairs) writer.lenencText(name).lenencText(value);
      const payload = client.loginPayload(login, greeting, { capabilities: 0 });
      payload.writeUInt32LE((payload.readUInt32LE(0) | CLIENT_CONNECT_ATTRS) >>> 0, 0);
      client.write(
        encodePackets(1, Buffer.concat([payload, new PayloadWriter().lenencBytes(writer.finish()).finish()])),
      );
      return client.loginAnswer();
    };
    expect((await logIn(attributes))[0]).toBe(0);
    const tooLong = [
      logIn(new Map([['x', 'y'.repeat(70_000)]])),
      logIn(new Map([['__proto__', 'polluted']])),
      logIn(new Map(Array.from({ length: 129 }, (__, index) => [String(index), '']))),
      logIn(new Map(), { ...task.login, user: 'u'.repeat(256) }),
      logIn(new Map(), { ...task.login, database: 'd'.repeat(256) }),
      logIn(new Map(), { ...task.login, database: '\u001b[2J<b>' }),
    ];
    for (const answer of await Promise.all(tooLong)) expect(isErrPacket(answer)).toBe(true);
    const client = await RawClient.logIn(task.login);
    expect(await client.refused(COM_INIT_DB, 'd'.repeat(256))).toMatchObject({ errno: 1835 });
    expect(await client.refused(COM_INIT_DB, Buffer.from([0xff, 0xfe]))).toMatchObject({ errno: 1835 });
    const name = `\`${'n'.repeat(300)}\u0007\``;
    await client.query(`SELECT 1 AS ${name}, '\u202e\u0000'`); // whether such an alias is taken is the target's to say
    client.command(COM_QUERY, Buffer.from('SELECT \u00ff', 'latin1'));
    await client.response(COM_QUERY);
    const recorded = await task.close();
    expect(recorded.statements.map(({ text }) => text.toString('latin1'))).toEqual([
      Buffer.from(`SELECT 1 AS ${name}, '\u202e\u0000'`).toString('latin1'),
      'SELECT \u00ff',
    ]);
    const [opened] = recorded.of('session.opened');
    expect(new Map(Object.entries(opened?.body.attributes ?? {}))).toEqual(attributes);
    expect(recorded.of('session.refused')).toHaveLength(tooLong.length);
  });

  test('records the answer to what a client sent right before it was gone', async () => {
    const task = await openTask(broker(), target);
    const gone: readonly ((client: RawClient) => void)[] = [(c) => c.destroy(), (c) => c.reset(), (c) => c.end()];
    for (const [index, leave] of gone.entries()) {
      const client = await RawClient.logIn(task.login);
      await withMysql2({ ...rootLogin(engine), database: target.database }, async (root) => {
        await root.query('LOCK TABLES a WRITE'); // so that it runs until the client has left
        client.command(COM_QUERY, `INSERT INTO a VALUES (${100 + index}), (SLEEP(0.2) + ${200 + index})`);
        await expect.poll(() => target.rootRows(RUNNING)).toHaveLength(1);
        leave(client);
        await root.query('UNLOCK TABLES');
      });
      await expect.poll(() => rowCount()).toBe(5);
      await target.root('DELETE FROM a WHERE id > 3');
    }
    const half = await RawClient.logIn(task.login);
    half.write(commandPackets(COM_QUERY, 'SELECT 1'), commandPackets(COM_QUERY, 'DELETE FROM a').subarray(0, -1));
    half.destroy();
    const recorded = await task.close();
    const inserts = recorded.statements.filter(({ text }) => text.toString().startsWith('INSERT'));
    expect(inserts.map(({ result }) => [result?.outcome, result?.body.results])).toEqual(
      gone.map(() => ['ok', [expect.objectContaining({ affectedRows: 2 })]]),
    );
    expect(recorded.texts).not.toContain(expect.stringContaining('DELETE'));
    expect(await rowCount()).toBe(3);
  });

  test('understands a client that sends a byte at a time', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.open(task.login);
    const dribble = async (bytes: Buffer): Promise<void> => {
      for (const byte of bytes) {
        client.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const greeting = decodeGreeting((await client.packet()).payload);
    await dribble(encodePackets(1, client.loginPayload(task.login, greeting, {})));
    expect((await client.loginAnswer())[0]).toBe(0);
    await dribble(commandPackets(COM_QUERY, "SELECT 'byte by byte'"));
    const { results } = await client.response(COM_QUERY);
    expect(results).toMatchObject([{ rows: [['byte by byte']] }]);
    expect((await task.close()).texts).toEqual(["SELECT 'byte by byte'"]);
  });
});
