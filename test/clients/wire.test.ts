import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CLIENT_DEPRECATE_EOF,
  CLIENT_FOUND_ROWS,
  CLIENT_SESSION_TRACK,
} from '../../src/protocols/mysql/wire/login/capabilities.js';
import {
  COM_FIELD_LIST,
  COM_INIT_DB,
  COM_PING,
  COM_RESET_CONNECTION,
  COM_STATISTICS,
  COM_STMT_CLOSE,
  COM_STMT_PREPARE,
  COM_STMT_RESET,
  COM_STMT_SEND_LONG_DATA,
  CURSOR_TYPE_READ_ONLY,
} from '../../src/protocols/mysql/wire/commands.js';
import {
  MYSQL_TYPE_BLOB,
  MYSQL_TYPE_DOUBLE,
  MYSQL_TYPE_LONG,
  MYSQL_TYPE_LONGLONG,
  MYSQL_TYPE_LONG_BLOB,
  MYSQL_TYPE_NULL,
  MYSQL_TYPE_VAR_STRING,
} from '../../src/protocols/mysql/wire/values/field-types.js';
import { PayloadWriter } from '../../src/protocols/mysql/wire/lenenc.js';
import { decodeErr } from '../../src/protocols/mysql/wire/packets.js';
import { quoteDatabasePattern } from '../../src/protocols/mysql/account/sql-quote.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { type ClientLogin } from '../support/clients/program.js';
import { rootLogin, runAsRoot } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { type DatabaseAddress } from '../support/servers/database-server.js';
import { type Task, type TestTarget, makeAccount, makeTarget, openTask } from '../support/task.js';
import { ODD_MOMENTS, VALUES, int, lenenc, parameterOf } from './parameters.js';
import { PACKET_BYTES_MAX, PRIVILEGES, schemaOf } from './schema.js';
import { preparedTextsOf, textsOf } from './texts.js';
import { type Parameter, WireClient, type WireOptions } from './wire-client.js';

const MIB = 1024 * 1024;
/** Longer answers are compared by their hash, so that a difference can be printed. */
const SHOWN_BYTES_MAX = 64 * 1024;

const THREE_PACKETS = 32 * MIB + 1;
/**
 * Of statements: where a payload of one packet ends and one of two begins, and one of three packets. Both servers cut payloads
 * into packets alike, and so do both protocols: of MySQL it is seen where two of them begin, and a third in the binary one.
 */
const STATEMENTS = { mariadb: [16 * MIB - 2, 16 * MIB - 1, 16 * MIB, THREE_PACKETS], mysql: [16 * MIB - 1] };
/** Of values alone in their row: the last whose length takes 4 bytes, the first whose length takes 9, and three packets. */
const VALUES_ALONE = { mariadb: [16 * MIB - 1, 16 * MIB, THREE_PACKETS], mysql: [] };
/** The length of these takes 4 bytes, so their rows are the last of one packet and the first of two. */
const VALUES_IN_ROWS = { mariadb: [16 * MIB - 6, 16 * MIB - 5, 16 * MIB - 4], mysql: [16 * MIB - 5] };
const BOUND = { mariadb: [16 * MIB], mysql: [THREE_PACKETS] };

const MODES: readonly (WireOptions & { readonly name: string })[] = [
  { name: 'with EOF packets', capabilities: 0 },
  { name: 'without EOF packets', capabilities: CLIENT_DEPRECATE_EOF },
  {
    name: 'with session tracking and found rows',
    capabilities: CLIENT_DEPRECATE_EOF | CLIENT_SESSION_TRACK | CLIENT_FOUND_ROWS,
  },
  { name: 'with session tracking and EOF packets', capabilities: CLIENT_SESSION_TRACK },
];

const broker = useSharedBroker();

/** Statements whose preparing fails, each in its own way. */
const NOT_PREPARED = [
  'SELEC 1',
  '',
  'SELECT * FROM no_such_table',
  'SELECT no_such_column FROM item',
  'SELECT @@no_such_variable',
  'SET GLOBAL no_such_variable = 1',
  'SET SESSION max_connections = 5',
  'INSERT INTO item (name) VALUES (?, ?)',
  'UPDATE no_such_table SET id = ?',
  'SET @a = (SELECT id FROM no_such_table)',
];

/** The answers of one run by what was asked. */
type Answers = Record<string, string>;
type Script = (client: WireClient, answers: Answers) => Promise<void>;

describe.each(engines())('an endpoint of $flavour $version', (engine) => {
  let target: TestTarget;
  let task: Task;
  let direct: ClientLogin;

  beforeAll(async () => {
    await runAsRoot(engine, [`SET GLOBAL max_allowed_packet = ${PACKET_BYTES_MAX}`]);
    target = await makeTarget(broker(), engine, { schema: schemaOf(engine.flavour), privileges: PRIVILEGES });
    direct = { ...rootLogin(engine), database: target.database };
    task = await openTask(broker(), target);
  });
  afterAll(() => target?.drop());

  const answersOf = async (login: ClientLogin, script: Script, options?: WireOptions): Promise<Answers> => {
    const { client, ok } = await WireClient.logIn(login, options);
    const answers: Answers = { login: ok.toString('hex') };
    await script(client, answers);
    client.close();
    return answers;
  };

  /** Runs a script directly and through the endpoint, on the same fresh data, and compares every byte of the answers. */
  const expectTheSame = async (script: Script, options?: WireOptions): Promise<Answers> => {
    await target.root(...schemaOf(engine.flavour));
    const expected = await answersOf(direct, script, options);
    await target.root(...schemaOf(engine.flavour));
    expect(await answersOf(task.login, script, options)).toEqual(expected);
    return expected;
  };

  test.each(MODES)(
    'gives the bytes of the target $name: texts, prepared statements, cursors, procedures, commands',
    async (mode) => {
      const answers = await expectTheSame(everything(engine, target.database), mode);
      expect(Object.keys(answers).length).toBeGreaterThan(100);
    },
  );

  test('takes and gives payloads around 16 MiB and of three packets as the target does', async () => {
    await expectTheSame(
      async (client, answers) => {
        for (const bytes of STATEMENTS[engine.flavour]) {
          const text = Buffer.alloc(bytes - 1, 'x'); // the payload begins with the command
          text.write('SELECT LENGTH("');
          text.write('")', text.length - 2);
          keep(answers, `a statement of ${bytes} bytes`, await client.query(text));
        }
        for (const bytes of VALUES_ALONE[engine.flavour]) {
          keep(answers, `a value of ${bytes} bytes`, await client.query(`SELECT REPEAT('a', ${bytes}) AS a`));
        }
        for (const bytes of VALUES_IN_ROWS[engine.flavour]) {
          keep(
            answers,
            `a row of ${bytes + 4} bytes`,
            await client.query(`SELECT REPEAT('a', ${bytes}) AS a UNION ALL SELECT 'b'`),
          );
        }
      },
      { capabilities: CLIENT_DEPRECATE_EOF },
    );
  });

  test('takes and gives values around 16 MiB and of three packets in the binary protocol, whole and in pieces', async () => {
    await expectTheSame(async (client, answers) => {
      const { id } = await client.prepare('SELECT ? AS a, LENGTH(?) AS b');
      const short = parameterOf(MYSQL_TYPE_LONG, int(4, 7));
      for (const bytes of BOUND[engine.flavour]) {
        const long = parameterOf(MYSQL_TYPE_LONG_BLOB, lenenc(Buffer.alloc(bytes, 'b')));
        keep(answers, `bound ${bytes} bytes`, await client.execute(id, [long, short]));
      }
      const piece = Buffer.alloc(9 * MIB, 'p');
      for (let sent = 0; sent < 2; sent += 1) client.send(COM_STMT_SEND_LONG_DATA, longData(id, 0, piece));
      const ahead = parameterOf(MYSQL_TYPE_LONG_BLOB, Buffer.alloc(0));
      keep(answers, 'in pieces', await client.execute(id, [ahead, short], { sentAhead: [0] }));
    });
  });

  test('takes a statement with 65,535 parameters, and passes on that there can be no more', async () => {
    await expectTheSame(async (client, answers) => {
      const textOf = (count: number): string => `SELECT COUNT(*) FROM item WHERE id IN (${'?,'.repeat(count - 1)}?)`;
      const { id, answer } = await client.prepare(textOf(65_535));
      keep(answers, 'prepared', answer);
      const parameters = Array.from({ length: 65_535 }, (_, index) => parameterOf(MYSQL_TYPE_LONG, int(4, index)));
      keep(answers, 'executed', await client.execute(id, parameters));
      keep(answers, 'executed without types', await client.execute(id, parameters, { withoutTypes: true }));
      keep(answers, 'one too many', (await client.prepare(textOf(65_536))).answer);
    });
  });

  test('knows no more of a session after COM_RESET_CONNECTION than the target does', async () => {
    const after = async (login: ClientLogin): Promise<unknown> => {
      const { client } = await WireClient.logIn(login);
      await client.query('SET @kept = 1, autocommit = 0');
      const { id } = await client.prepare('SELECT 1');
      const reset = await client.exchange(COM_RESET_CONNECTION);
      const state = await client.query('SELECT @kept, @@autocommit, DATABASE()');
      const { errno, sqlState } = decodeErr((await client.execute(id)).subarray(4));
      const again = await client.prepare('SELECT 2');
      const answer = await client.execute(again.id);
      client.close();
      return { reset, state, errno, sqlState, answer };
    };
    expect(await after(task.login)).toEqual(await after(direct));
  });

  test('gives what the target says when it refuses to prepare a statement, and the session goes on', async () => {
    const account = await makeAccount(engine);
    const { username: user, password, quoted } = account;
    await target.root(`GRANT ${PRIVILEGES.join(', ')} ON ${quoteDatabasePattern(target.database)}.* TO ${quoted}`);
    const unprivileged = { host: engine.host, port: engine.port, user, password, database: target.database };
    await withMysql2(unprivileged, (connection) => connection.ping()); // from now on the server knows its password
    const own = await openTask(broker(), target);
    for (const mode of MODES) {
      const expected = await answersOf(unprivileged, refusedToPrepare, mode);
      expect(await answersOf(own.login, refusedToPrepare, mode)).toEqual(expected);
      for (const text of SETS_GLOBALLY) {
        const answer = expected[text] ?? '';
        if (engine.flavour === 'mysql') expect(answer).toBe(MYSQL_LOST_ITS_ERROR);
        else expect(decodeErr(Buffer.from(answer, 'hex').subarray(4)).errno).toBe(1227);
      }
      if (engine.flavour === 'mysql' && mode.capabilities === CLIENT_SESSION_TRACK) {
        expect(expected[WITH_A_CHANGE]).toBe(MYSQL_LOST_ITS_ERROR_AND_TRACKS);
      }
    }
    await runAsRoot(engine, [`DROP USER ${quoted}`]);
    const recorded = await own.close();
    expect(recorded.of('session.closed').map(({ reason }) => reason)).toEqual(MODES.map(() => 'client-quit'));
    const results = recorded.statements.filter(({ text }) => SETS_GLOBALLY.includes(text.toString('utf8')));
    expect(results).toHaveLength(MODES.length * (2 * SETS_GLOBALLY.length + 1));
    for (const { result } of results) {
      if (engine.flavour === 'mysql')
        expect(result).toMatchObject({ outcome: 'ok', body: { results: [{ kind: 'ok' }] } });
      else expect(result).toMatchObject({ outcome: 'error', body: { error: { errno: 1227 } } });
    }
  });

  test('gives the target’s own statistics', async () => {
    const { client } = await WireClient.logIn(task.login);
    expect((await client.exchange(COM_STATISTICS)).toString('latin1')).toMatch(/Uptime: \d+ {2}Threads: \d+/);
    client.close();
  });
});

/** Refused to accounts without privileges for the whole server, of which no grant has any. */
const SETS_GLOBALLY = [
  'SET GLOBAL max_connections = 100',
  'SET @@GLOBAL.max_connections = ?',
  'SET @x = 1, GLOBAL max_connections = 100',
];

/** In place of its error 1227: OK, which is no answer to PREPARE. */
const MYSQL_LOST_ITS_ERROR = '0700000100000002000000';
/** The same with the characteristics of the transaction. */
const MYSQL_LOST_ITS_ERROR_AND_TRACKS = '0c000001000000024000000003040100';
const WITH_A_CHANGE = 'with a change from before';

/** Prepares what is refused, and goes on after it; the refusals by their text, in hex. */
async function refusedToPrepare(client: WireClient, answers: Answers): Promise<void> {
  for (const text of [...SETS_GLOBALLY, ...NOT_PREPARED]) {
    answers[text] = (await client.prepare(text)).answer.toString('hex');
  }
  for (const text of SETS_GLOBALLY) {
    await client.prepare(text);
    const { id, answer } = await client.prepare('SELECT ? AS a');
    keep(answers, 'prepared behind it', answer);
    keep(answers, 'executed', await client.execute(id, [parameterOf(MYSQL_TYPE_LONG, int(4, 7))]));
    keep(answers, 'warnings', await client.query('SHOW WARNINGS'));
  }
  // A change that EOF cannot carry is told with the next OK, and then that is as long as the head of a prepared one.
  await client.query(
    "SET SESSION session_track_system_variables = '', session_track_transaction_info = 'CHARACTERISTICS'",
  );
  await client.query('SET TRANSACTION READ ONLY');
  await client.query('SELECT id FROM item');
  answers[WITH_A_CHANGE] = (await client.exchange(COM_STMT_PREPARE, SETS_GLOBALLY[0])).toString('hex');
  keep(answers, 'and on', await client.query('SELECT 1'));
}

/** One script of all forms that fit into a packet. */
function everything(engine: DatabaseAddress, database: string): Script {
  return async (client, answers) => {
    for (const text of textsOf(engine, database)) keep(answers, `text: ${text}`, await client.query(text));
    for (const text of preparedTextsOf(engine)) {
      const { id, answer } = await client.prepare(text);
      keep(answers, `prepared: ${text}`, answer);
      if (id === 0) continue; // it was refused
      keep(answers, `executed: ${text}`, await client.execute(id));
      client.send(COM_STMT_CLOSE, int(4, id));
    }
    await parameters(client, answers);
    await oddMoments(client, answers);
    await repeated(client, answers);
    await cursors(client, answers);
    await pieces(client, answers);
    await outParameters(client, answers);
    await commands(client, answers);
  };
}

async function oddMoments(client: WireClient, answers: Answers): Promise<void> {
  const { id } = await client.prepare('SELECT ? AS moment');
  for (const moment of ODD_MOMENTS) {
    const name = `type ${moment.type} ${moment.bytes?.toString('hex')}`;
    keep(answers, name, await client.execute(id, [moment]));
    keep(answers, `${name}: warnings`, await client.query('SHOW WARNINGS'));
  }
  client.send(COM_STMT_CLOSE, int(4, id));
}

async function parameters(client: WireClient, answers: Answers): Promise<void> {
  const { id, answer } = await client.prepare(`SELECT ${VALUES.map((_, index) => `? AS p${index}`).join(', ')}`);
  keep(answers, 'parameters prepared', answer);
  keep(answers, 'every type bound', await client.execute(id, VALUES));
  keep(answers, 'every type bound again, without types', await client.execute(id, VALUES, { withoutTypes: true }));
  const nulls = VALUES.map((value) => ({ ...value, bytes: null }));
  keep(answers, 'every type NULL', await client.execute(id, nulls));
  client.send(COM_STMT_CLOSE, int(4, id));
}

/** Executed with other types than before, without types, and with fewer bytes than the types ask for. */
async function repeated(client: WireClient, answers: Answers): Promise<void> {
  const { id } = await client.prepare('SELECT id, name FROM item WHERE id = ? OR name = ?');
  const asNumber = [parameterOf(MYSQL_TYPE_LONGLONG, int(8, 2)), parameterOf(MYSQL_TYPE_VAR_STRING, lenenc('pear'))];
  const asText = [parameterOf(MYSQL_TYPE_VAR_STRING, lenenc('1')), parameterOf(MYSQL_TYPE_NULL, null)];
  keep(answers, 'as a number', await client.execute(id, asNumber));
  keep(answers, 'as a number again', await client.execute(id, asNumber, { withoutTypes: true }));
  keep(answers, 'as a text', await client.execute(id, asText));
  keep(answers, 'reset', await client.exchange(COM_STMT_RESET, int(4, id)));
  keep(answers, 'after the reset', await client.execute(id, asNumber));
  const insert = await client.prepare('INSERT INTO item (name, price) VALUES (?, ?)');
  const row = [
    parameterOf(MYSQL_TYPE_VAR_STRING, lenenc('bound')),
    parameterOf(MYSQL_TYPE_DOUBLE, Buffer.from('9a9999999999b93f', 'hex')),
  ];
  keep(answers, 'inserted', await client.execute(insert.id, row));
  keep(answers, 'inserted twice', await client.execute(insert.id, row, { withoutTypes: true }));
  keep(answers, 'warnings of it', await client.query('SHOW WARNINGS'));
}

async function cursors(client: WireClient, answers: Answers): Promise<void> {
  const cursor = { flags: CURSOR_TYPE_READ_ONLY };
  const { id } = await client.prepare('SELECT * FROM every WHERE id > ? ORDER BY id');
  const from = (value: number): Parameter[] => [parameterOf(MYSQL_TYPE_LONG, int(4, value))];
  keep(answers, 'opened', await client.execute(id, from(0), cursor));
  keep(answers, 'first two', await client.fetch(id, 2));
  keep(answers, 'something else meanwhile', await client.query('SELECT COUNT(*) FROM item'));
  keep(answers, 'the last', await client.fetch(id, 2));
  keep(answers, 'behind the last', await client.fetch(id, 2));
  keep(answers, 'opened again', await client.execute(id, from(1), cursor));
  keep(answers, 'one', await client.fetch(id, 1));
  keep(answers, 'cursor reset', await client.exchange(COM_STMT_RESET, int(4, id)));
  keep(answers, 'after the reset of the cursor', await client.fetch(id, 1));
  keep(answers, 'of no rows', await client.execute(id, from(100), cursor));
  keep(answers, 'fetched of no rows', await client.fetch(id, 1));
  const write = await client.prepare("UPDATE item SET name = CONCAT(name, '!') WHERE id = 1");
  keep(answers, 'a write with a cursor', await client.execute(write.id, [], cursor));
  const call = await client.prepare('CALL reads_cursor()');
  keep(answers, 'a procedure with a cursor', await client.execute(call.id, [], cursor));
  const fault = await client.prepare('SELECT (SELECT id FROM item WHERE id <= i.id) FROM item i WHERE id > ?');
  keep(answers, 'a fault with a cursor', await client.execute(fault.id, from(0), cursor));
}

async function pieces(client: WireClient, answers: Answers): Promise<void> {
  const { id } = await client.prepare('INSERT INTO piece VALUES (?, ?, ?)');
  const row = (number: number): Parameter[] => [
    parameterOf(MYSQL_TYPE_LONG, int(4, number)),
    parameterOf(MYSQL_TYPE_BLOB, lenenc('in the execution')),
    parameterOf(MYSQL_TYPE_VAR_STRING, null),
  ];
  for (const piece of ['one, ', '', 'two, ', 'three'])
    client.send(COM_STMT_SEND_LONG_DATA, longData(id, 1, Buffer.from(piece)));
  client.send(COM_STMT_SEND_LONG_DATA, longData(id, 2, Buffer.from('note ž')));
  keep(answers, 'sent in pieces', await client.execute(id, row(10), { sentAhead: [1, 2] }));
  keep(answers, 'whole after pieces', await client.execute(id, row(11), { withoutTypes: true }));
  client.send(COM_STMT_SEND_LONG_DATA, longData(id, 1, Buffer.from('forgotten')));
  keep(answers, 'pieces forgotten', await client.exchange(COM_STMT_RESET, int(4, id)));
  keep(answers, 'whole after forgotten pieces', await client.execute(id, row(12)));
  keep(answers, 'pieces read back', await client.query('SELECT * FROM piece WHERE id >= 10 ORDER BY id'));
}

async function outParameters(client: WireClient, answers: Answers): Promise<void> {
  const { id, answer } = await client.prepare('CALL outs(?, ?, ?)');
  keep(answers, 'call prepared', answer);
  const values = [
    parameterOf(MYSQL_TYPE_LONG, int(4, 21)),
    parameterOf(MYSQL_TYPE_NULL, null),
    parameterOf(MYSQL_TYPE_VAR_STRING, lenenc('hey')),
  ];
  keep(answers, 'OUT parameters', await client.execute(id, values));
  const several = await client.prepare('CALL several()');
  keep(answers, 'several results', await client.execute(several.id));
}

async function commands(client: WireClient, answers: Answers): Promise<void> {
  keep(answers, 'ping', await client.exchange(COM_PING));
  keep(answers, 'other database', await client.exchange(COM_INIT_DB, 'information_schema'));
  keep(answers, 'the database now', await client.query('SELECT DATABASE()'));
  keep(answers, 'fields', await client.exchange(COM_FIELD_LIST, 'CHARACTER_SETS\0'));
  keep(answers, 'fields of a pattern', await client.exchange(COM_FIELD_LIST, 'CHARACTER_SETS\0DESC%'));
  keep(answers, 'fields of no table', await client.exchange(COM_FIELD_LIST, 'no_such_table\0'));
}

/** Ids of statements are the server's own count, on MariaDB over all sessions; their bytes and digits are left out. */
const PREPARED_HEAD = { start: 5, end: 9 };

/** Keeps an answer; those that come twice by the same name are kept in order. */
function keep(answers: Answers, name: string, given: Buffer): void {
  const isHead = name.includes('prepared') && given[4] === 0;
  const answer = isHead ? Buffer.from(given).fill(0, PREPARED_HEAD.start, PREPARED_HEAD.end) : given;
  const key = `${Object.keys(answers).length} ${name.slice(0, 120)}`;
  answers[key] =
    answer.length <= SHOWN_BYTES_MAX
      ? answer.toString('latin1').replace(/^.\0\0(.*The statement )\(\d+\)/s, '$1(n)')
      : `${answer.length} bytes, sha256 ${createHash('sha256').update(answer).digest('hex')}`;
}

function longData(id: number, parameter: number, bytes: Buffer): Buffer {
  return new PayloadWriter().uint32(id).uint16(parameter).bytes(bytes).finish();
}
