import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CLIENT_DEPRECATE_EOF, CLIENT_SESSION_TRACK } from '../../src/wire/mysql/capabilities.js';
import { COM_PING, COM_QUERY, COM_STMT_PREPARE } from '../../src/wire/mysql/commands.js';
import { encodeAuthMoreData, encodeAuthSwitchRequest } from '../../src/wire/mysql/handshake.js';
import { PACKET_PAYLOAD_BYTES_MAX, encodePackets } from '../../src/wire/mysql/packet.js';
import {
  SERVER_MORE_RESULTS_EXISTS,
  SERVER_SESSION_STATE_CHANGED,
  decodeErr,
  encodeErr,
  encodeOk,
} from '../../src/wire/mysql/packets.js';
import { useBroker } from '../support/broker.js';
import { RawClient, commandPackets } from '../support/clients/raw.js';
import { servers } from '../support/engines.js';
import { gatewayMetrics, peakMemoryMib } from '../support/gateway-metrics.js';
import { type Recorded } from '../support/recorded.js';
import { type Lie, type RogueTarget, rogueGreeting, startRogueTarget } from '../support/rogue-target.js';
import { type Task, type TestTarget, NOTHING_LEFT, makeTarget, openTask, tracesOf } from '../support/task.js';

const MIB = 1024 * 1024;
const INFILE = Buffer.from('\u00fb/etc/passwd', 'latin1');
const LOST = { errno: 1152 };
const UNREACHABLE = { errno: 1429 };
const MEMORY_MIB_MAX = 120;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const packet = encodePackets;

const ok = (statusFlags = 2, sessionState?: Buffer): Buffer =>
  encodeOk({ affectedRows: 0, lastInsertId: 0, statusFlags, warnings: 0, info: '', sessionState }, true);
const COLUMN = hex('03646566 00 00 00 0161 00 0c 3f00 01000000 03 0000 00 0000');
const EOF = hex('fe 0000 0200');
const ONE_COLUMN = Buffer.concat([packet(1, hex('01')), packet(2, COLUMN), packet(3, EOF)]);

const broker = useBroker();

/** One target that lies for all tests, and a grant for each. */
let rogue: RogueTarget;
let target: TestTarget;
let task: Task;
let honest: RawClient;
let gatewayPid: number;

beforeAll(async () => {
  const { mariadb } = servers();
  rogue = await startRogueTarget(mariadb);
  target = await makeTarget(broker(), mariadb, {
    schema: ['CREATE TABLE a (id INT PRIMARY KEY)', 'INSERT INTO a VALUES (1), (2), (3)'],
    registration: { host: rogue.host, port: rogue.port, tls: { mode: 'off' } },
  });
  gatewayPid = broker().pid('gateway');
});
afterAll(async () => {
  await target?.drop();
  await rogue?.close();
});

beforeEach(async () => {
  task = await openTask(broker(), target);
  honest = await RawClient.logIn(task.login);
});

/** Whatever the target does to one session: the gateway lives, another session of the grant works, and all ends well. */
async function closed(): Promise<Recorded> {
  expect((await honest.query('SELECT id FROM a')).error).toBeUndefined();
  expect(broker().pid('gateway')).toBe(gatewayPid);
  const recorded = await task.close();
  expect(recorded.closed).toMatchObject({ interrupted: false, account: { state: 'gone' } });
  expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
  return recorded;
}

describe('a target that lies in answer to a statement', () => {
  const lies: readonly (readonly [string, Lie, number?])[] = [
    ['asks for a file', (leg) => leg.write(packet(1, INFILE))],
    ['asks for a file byte by byte', (leg) => leg.writeSlowly(packet(1, INFILE))],
    [
      'asks for a file after a first result',
      (leg) => leg.write(packet(1, ok(2 | SERVER_MORE_RESULTS_EXISTS)), packet(2, INFILE)),
    ],
    [
      'asks for a file in place of a column',
      (leg) => leg.write(packet(1, hex('02')), packet(2, COLUMN), packet(3, INFILE)),
    ],
    ['asks for a file behind a result of no columns', (leg) => leg.write(packet(1, hex('fc0000')), packet(2, INFILE))],
    [
      'asks for a file behind a row that clients could take for the end',
      async (leg) => {
        const row = Buffer.concat([hex('fe'), Buffer.alloc(PACKET_PAYLOAD_BYTES_MAX - 1, 0x61)]);
        await leg.write(packet(1, hex('01')), packet(2, COLUMN), packet(3, row), packet(5, INFILE));
      },
      CLIENT_DEPRECATE_EOF,
    ],
    ['counts packets wrongly', (leg) => leg.write(packet(2, ok()))],
    ['has more columns than there can be', (leg) => leg.write(packet(1, hex('fdffffff')))],
    [
      'sends more columns than it announced',
      (leg) => leg.write(packet(1, hex('01')), packet(2, COLUMN), packet(3, COLUMN)),
      CLIENT_SESSION_TRACK,
    ],
    [
      'announces more than it sends, then closes',
      async (leg) => {
        await leg.write(hex('ffff0001 00'));
        leg.socket.end();
      },
    ],
    [
      'sends half a row, then resets',
      async (leg) => {
        await leg.write(ONE_COLUMN, hex('40000004 3f 61'));
        leg.socket.resetAndDestroy();
      },
    ],
    [
      'sends a session state that is none',
      (leg) => leg.write(packet(1, ok(2 | SERVER_SESSION_STATE_CHANGED, hex('010501')))),
    ],
    ['sends noise', (leg) => leg.write(Buffer.alloc(64 * 1024, 0xa5))],
    ['sends empty packets', (leg) => leg.write(packet(1, Buffer.alloc(0)), packet(2, Buffer.alloc(0)))],
    ['says a little too much', (leg) => leg.write(Buffer.concat([packet(1, ok()), Buffer.from([1])]))],
    ['announces an OK that is too long', (leg) => leg.write(hex('00002001 00'), Buffer.alloc(MIB))],
  ];

  test.each(lies.map(([what, lie, capabilities = CLIENT_SESSION_TRACK]) => ({ what, lie, capabilities })))(
    'that $what gets its session ended, and no client gets it',
    async ({ lie, capabilities }) => {
      const client = await RawClient.logIn(task.login, { capabilities });
      rogue.lieTo(/SELECT 'lie'/, lie);
      client.command(COM_QUERY, "SELECT 'lie'");
      await client.closed();
      // What came is the beginning of an honest answer, or ERR. A request for a file has never left the gateway.
      expect(client.unread.includes(INFILE.subarray(0, 4))).toBe(false);
      const farewell = client.unread.lastIndexOf(hex('ff8004'));
      if (farewell >= 0) expect(decodeErr(client.unread.subarray(farewell))).toMatchObject(LOST);
      else expect(client.unread.length).toBeGreaterThan(0);
      const recorded = await closed();
      expect(recorded.statements).toMatchObject([{ result: { outcome: 'unknown' } }, { result: { outcome: 'ok' } }]);
      expect(recorded.of('session.closed')).toMatchObject([{ reason: 'target-gone' }, { reason: 'grant-closed' }]);
    },
  );

  test('that asks for a file when it was asked nothing, or in answer to a ping or PREPARE, gets no file', async () => {
    for (const [command, text] of [
      [COM_PING, ''],
      [COM_STMT_PREPARE, "SELECT 'lie'"],
    ] as const) {
      const client = await RawClient.logIn(task.login);
      const ping = commandPackets(COM_PING).toString('latin1');
      rogue.lieTo(
        (sent) => sent === ping || sent.includes("'lie'"),
        (leg) => leg.writeSlowly(packet(1, INFILE)),
      );
      client.command(command, text);
      await client.closed();
      expect(client.unread.includes(0xfb)).toBe(false);
    }
    const client = await RawClient.logIn(task.login);
    rogue.lieTo(/'lie'/, async (leg) => {
      await leg.write(packet(1, ok()));
      await expect.poll(() => client.unread.length).toBeGreaterThan(4);
      await leg.writeSlowly(packet(1, INFILE));
    });
    client.command(COM_QUERY, "SELECT 'lie'");
    await client.closed();
    expect(client.unread.includes(0xfb)).toBe(false);
    const recorded = await closed();
    // That the one statement was answered is as true as that its session ended.
    expect(recorded.statements.map(({ result }) => result?.outcome)).toEqual(['unknown', 'ok', 'ok']);
  });

  test('with an error full of control characters is passed on, and its recording verifies', async () => {
    const client = await RawClient.logIn(task.login);
    const error = Buffer.concat([hex('ff 5004 23 00ff800a22'), Buffer.from('<b>\u001b[31m\0\u202e\ud800"\\', 'utf8')]);
    rogue.lieTo(/'lie'/, (leg) => leg.write(packet(1, error)));
    client.command(COM_QUERY, "SELECT 'lie'");
    await expect.poll(() => client.unread.length).toBe(error.length + 4);
    client.destroy();
    const recorded = await closed();
    const [lie] = recorded.of('result').filter(({ outcome }) => outcome === 'error');
    expect(lie?.error).toMatchObject({
      errno: 1104,
      sqlState: 'HY000',
      message: expect.stringContaining('\u001b[31m\0'),
    });
  });

  test('with results without end costs the gateway no memory', async () => {
    const client = await RawClient.logIn(task.login);
    const info = 'x'.repeat(900_000);
    const chatty = { affectedRows: 0, lastInsertId: 0, warnings: 0, sessionState: undefined };
    const result = encodeOk({ ...chatty, statusFlags: 2 | SERVER_MORE_RESULTS_EXISTS, info }, false);
    rogue.lieTo(/'lie'/, async (leg) => {
      for (let id = 1; id < 2_000; id += 1) if (!(await leg.write(packet(id & 0xff, result)))) return;
    });
    const before = (await gatewayMetrics(broker())).residentMib;
    const peak = await peakMemoryMib(broker(), async () => {
      client.command(COM_QUERY, "SELECT 'lie'");
      await client.drain();
    });
    expect(peak - before).toBeLessThan(MEMORY_MIB_MAX);
    const recorded = await closed();
    expect(recorded.statements[0]?.result).toMatchObject({ outcome: 'unknown' });
  });

  test('with rows, or one row, without end to a client that does not read costs no memory, and the close ends it', async () => {
    const row = Buffer.concat([hex('fd 00ff00'), Buffer.alloc(0xff00, 0x61)]);
    const clients = [await RawClient.logIn(task.login), await RawClient.logIn(task.login)];
    const before = (await gatewayMetrics(broker())).residentMib;
    const written = [0, 0];
    const endless: readonly Lie[] = [
      async (leg) => {
        await leg.write(ONE_COLUMN);
        for (let id = 4; await leg.write(packet(id & 0xff, row)); id += 1) written[0] = id;
      },
      async (leg) => {
        await leg.write(ONE_COLUMN);
        const part = Buffer.concat([hex('ffffff00'), Buffer.alloc(PACKET_PAYLOAD_BYTES_MAX, 0x62)]);
        for (let id = 4; ; id += 1) {
          part.writeUInt8(id & 0xff, 3);
          if (!(await leg.write(Buffer.from(part)))) return;
          written[1] = id;
        }
      },
    ];
    const peak = await peakMemoryMib(broker(), async () => {
      for (const [index, lie] of endless.entries()) {
        rogue.lieTo(new RegExp(`'lie ${index}'`), lie);
        clients[index]?.command(COM_QUERY, `SELECT 'lie ${index}'`);
        await expect.poll(() => clients[index]?.unread.length).toBeGreaterThan(4 * MIB);
        clients[index]?.pause();
        // Written until nobody takes it: the number stands still.
        let last = -1;
        await expect
          .poll(() => [last === written[index], (last = written[index] ?? 0)][0], { interval: 300 })
          .toBe(true);
      }
    });
    expect(peak - before).toBeLessThan(MEMORY_MIB_MAX);
    const startedMs = performance.now();
    const recorded = await closed();
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    const outcomes = recorded.statements.map(({ result }) => [result?.outcome, result?.response?.kept]);
    expect(outcomes).toEqual([
      ['unknown', MIB],
      ['unknown', MIB],
      ['ok', expect.any(Number)],
    ]);
    for (const client of clients) client.destroy();
  });
});

test('a target that never answers is given up at the deadline, and the recording says that nobody knows', async () => {
  const short = await openTask(broker(), target, { ttlSeconds: 3 });
  const client = await RawClient.logIn(short.login);
  rogue.lieTo(/'lie'/, () => undefined);
  client.command(COM_QUERY, "SELECT 'lie'");
  expect(await client.err()).toMatchObject({ errno: 1927, message: expect.stringContaining('(grant_expired)') });
  await client.closed();
  const recorded = await short.sealed();
  expect(recorded.statements).toMatchObject([{ result: { outcome: 'unknown' } }]);
  expect(recorded.of('session.closed')).toMatchObject([{ reason: 'grant-closed', code: 'grant_expired' }]);
  await closed();
});

describe('a target that lies at the login', () => {
  const afterGreeting =
    (...answers: readonly Buffer[]): Lie =>
    async (leg) => {
      await leg.write(rogueGreeting());
      await leg.heard();
      await leg.write(...answers);
    };

  test.each<readonly [string, Lie, object]>([
    ['with noise', (leg) => leg.write(Buffer.alloc(8_192, 0x5a)), LOST],
    ['with a huge greeting', (leg) => leg.write(hex('ffffff00'), Buffer.alloc(2 * MIB, 0x0a)), LOST],
    ['with a greeting of another protocol', (leg) => leg.write(packet(0, hex('09 35 00'))), LOST],
    [
      'with half a greeting',
      async (leg) => {
        await leg.write(rogueGreeting().subarray(0, 30));
        leg.socket.end();
      },
      UNREACHABLE,
    ],
    ['with a reset', (leg) => void leg.socket.resetAndDestroy(), UNREACHABLE],
    [
      'with an ERR full of control characters',
      (leg) => leg.write(packet(0, hex('ff 1004 23 00ff80ff00 1b5b00'))),
      { errno: 1040 },
    ],
    [
      'with a plugin that sends passwords in the clear',
      afterGreeting(
        packet(2, encodeAuthSwitchRequest({ authPlugin: 'mysql_clear_password', authPluginData: Buffer.alloc(0) })),
      ),
      UNREACHABLE,
    ],
    [
      'with a plugin that nobody knows',
      afterGreeting(packet(2, encodeAuthSwitchRequest({ authPlugin: 'x\n\u001b', authPluginData: Buffer.alloc(20) }))),
      UNREACHABLE,
    ],
    ['with the password hash of the last century', afterGreeting(packet(2, hex('fe'))), LOST],
    [
      'with one question after the other',
      afterGreeting(...Array.from({ length: 12 }, (_, index) => packet(2 + index, encodeAuthMoreData(hex('03'))))),
      LOST,
    ],
    [
      'with a key that is none',
      afterGreeting(packet(2, encodeAuthMoreData(hex('04'))), packet(4, encodeAuthMoreData(Buffer.from('-----BEGIN')))),
      LOST,
    ],
    ['with a request for a file', afterGreeting(packet(2, INFILE)), LOST],
    ['with an OK that is none', afterGreeting(packet(2, hex('00 fb'))), LOST],
    ['with an OK and a request for a file', afterGreeting(Buffer.concat([packet(2, ok()), packet(1, INFILE)])), LOST],
    ['with wrong sequence ids', afterGreeting(packet(7, ok())), LOST],
  ])('%s: its client reads why it got no session', async (_, lie, answer) => {
    let heard: Buffer = Buffer.alloc(0);
    rogue.lieAtGreeting(async (leg) => {
      leg.socket.on('close', () => (heard = leg.received()));
      await lie(leg);
    });
    const client = await RawClient.open(task.login);
    const told = await client.logIn(task.login);
    expect(told.includes(0xfb)).toBe(false);
    expect(decodeErr(told)).toMatchObject(answer);
    await client.closed();
    expect(heard.includes(task.login.password)).toBe(false);
    const recorded = await closed();
    expect(recorded.of('session.refused')).toHaveLength(1);
    expect(recorded.of('session.opened')).toHaveLength(1);
  });

  test('that says OK and then asks for a file unasked hands no client a file', async () => {
    rogue.lieAtGreeting(async (leg) => {
      await afterGreeting(packet(2, ok()))(leg);
      await leg.heard();
      await leg.write(packet(1, ok()), packet(1, INFILE));
    });
    const client = await RawClient.logIn(task.login);
    await client.closed();
    expect(client.unread.includes(0xfb)).toBe(false);
    await closed();
  });

  test('that speaks a byte now and then is given up, and a client that floods it meanwhile costs no memory', async () => {
    let trickle: NodeJS.Timeout | undefined;
    const { promise: isDialled, resolve } = Promise.withResolvers<void>();
    rogue.lieAtGreeting(({ socket }) => {
      const greeting = [...rogueGreeting()];
      trickle = setInterval(() => void socket.write(Buffer.from([greeting.shift() ?? 0])), 200);
      resolve();
    });
    const before = (await gatewayMetrics(broker())).residentMib;
    const startedMs = performance.now();
    const peak = await peakMemoryMib(broker(), async () => {
      const client = await RawClient.open(task.login);
      client.logIn(task.login).catch(() => undefined); // one that floods may not get to read its answer
      await isDialled;
      const flood = commandPackets(COM_QUERY, Buffer.alloc(4 * MIB, 0x20));
      for (let sent = 0; sent < 100; sent += 1) client.write(flood);
      await client.closed();
    });
    clearInterval(trickle);
    expect(performance.now() - startedMs).toBeLessThan(8_000);
    expect(peak - before).toBeLessThan(MEMORY_MIB_MAX);
    expect((await closed()).of('session.refused')).toMatchObject([{ code: 'target_unreachable' }]);
  });
});

test('errors that a target makes up reach the client as they are', async () => {
  const client = await RawClient.logIn(task.login);
  rogue.lieTo(/'lie'/, (leg) =>
    leg.write(packet(1, encodeErr({ errno: 1064, sqlState: '42000', message: 'made up' }))),
  );
  expect((await client.query("SELECT 'lie'")).error).toMatchObject({ errno: 1064, message: 'made up' });
  await closed();
});

// Servers of MySQL have TLS without being told; the test servers of MariaDB have none.
test.skipIf(servers().mysql === null)(
  'a target that is silent in the middle of its TLS handshake is given up',
  async () => {
    const mysql = servers().mysql;
    if (mysql === null) return;
    const silent = await startRogueTarget(mysql);
    const behindTls = await makeTarget(broker(), mysql, {
      registration: { host: silent.host, port: silent.port, tls: { mode: 'unverified' } },
    });
    try {
      const own = await openTask(broker(), behindTls);
      // The start of the TLS handshake may come in the same chunk.
      const isTlsRequest = (sent: string): boolean => sent.startsWith(' \0\0\u0001');
      silent.lieTo(isTlsRequest, () => undefined);
      const client = await RawClient.open(own.login);
      expect(decodeErr(await client.logIn(own.login))).toMatchObject(UNREACHABLE);
      const again = await RawClient.logIn(own.login);
      expect((await again.query('SELECT 1')).error).toBeUndefined();
      again.destroy();
      expect((await own.close()).of('session.refused')).toMatchObject([{ code: 'target_unreachable' }]);
      await closed();
    } finally {
      await behindTls.drop();
      await silent.close();
    }
  },
);
