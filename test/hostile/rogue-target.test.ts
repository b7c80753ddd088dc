import { describe, expect, test } from 'vitest';
import { CLIENT_DEPRECATE_EOF, CLIENT_SESSION_TRACK } from '../../src/protocols/mysql/wire/login/capabilities.js';
import { COM_PING, COM_QUERY, COM_STMT_PREPARE } from '../../src/protocols/mysql/wire/commands.js';
import { PACKET_PAYLOAD_BYTES_MAX, encodePackets } from '../../src/protocols/mysql/wire/packet.js';
import {
  SERVER_MORE_RESULTS_EXISTS,
  SERVER_SESSION_STATE_CHANGED,
  decodeErr,
  encodeErr,
  encodeOk,
} from '../../src/protocols/mysql/wire/packets.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { RawClient, commandPackets } from '../support/clients/raw.js';
import { HELD_MIB_MAX, watchHeldMemory } from '../support/held-memory.js';
import { type Lie } from '../support/rogue-target.js';
import { standsStill } from '../support/standstill.js';
import { openTask } from '../support/task.js';
import { useRogueScene } from './rogue-scene.js';

const MIB = 1024 * 1024;
const INFILE = Buffer.from('\u00fb/etc/passwd', 'latin1');
const LOST = { errno: 1152 };
const PINO_ERROR = 50;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const packet = encodePackets;

const ok = (statusFlags = 2, sessionState?: Buffer): Buffer =>
  encodeOk({ affectedRows: 0, lastInsertId: 0, statusFlags, warnings: 0, info: '', sessionState }, true);
const COLUMN = hex('03646566 00 00 00 0161 00 0c 3f00 01000000 03 0000 00 0000');
const EOF = hex('fe 0000 0200');
const ONE_COLUMN = Buffer.concat([packet(1, hex('01')), packet(2, COLUMN), packet(3, EOF)]);

const broker = useSharedBroker();
const scene = useRogueScene(broker);

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
      const client = await RawClient.logIn(scene.task.login, { capabilities });
      scene.rogue.lieTo(/SELECT 'lie'/, lie);
      client.command(COM_QUERY, "SELECT 'lie'");
      await client.closed();
      // What came is the beginning of an honest answer, or ERR. A request for a file has never left the gateway.
      expect(client.unread.includes(INFILE.subarray(0, 4))).toBe(false);
      const farewell = client.unread.lastIndexOf(hex('ff8004'));
      if (farewell >= 0) expect(decodeErr(client.unread.subarray(farewell))).toMatchObject(LOST);
      else expect(client.unread.length).toBeGreaterThan(0);
      const recorded = await scene.closed();
      expect(recorded.statements).toMatchObject([{ result: { outcome: 'unknown' } }, { result: { outcome: 'ok' } }]);
      expect(recorded.of('session.closed')).toMatchObject([{ reason: 'target-gone' }, { reason: 'grant-closed' }]);
    },
  );

  test('is named in the log, once, without what was asked, what it sent and what opens it', async () => {
    const client = await RawClient.logIn(scene.task.login, { capabilities: CLIENT_SESSION_TRACK });
    const asked = "SELECT 'lie', 'asked-for-this'";
    const row = Buffer.concat([hex('0b'), Buffer.from('row-of-this')]);
    const error = encodeErr({ errno: 1064, sqlState: '42000', message: 'said-this' });
    scene.rogue.lieTo(/'lie'/, async (leg) => {
      await leg.write(ONE_COLUMN, packet(4, row));
      await expect.poll(() => client.unread.includes('row-of-this')).toBe(true);
      await leg.write(packet(6, error));
    });
    client.command(COM_QUERY, asked);
    await client.closed();
    expect(client.unread.includes('row-of-this')).toBe(true);
    const lost = await RawClient.logIn(scene.task.login);
    scene.rogue.lieTo(/'lost'/, (leg) => void leg.socket.end());
    await expect(lost.query("SELECT 'lost'")).resolves.toMatchObject({ error: { errno: 1152 } });
    const recorded = await scene.closed();
    const [broken, gone] = recorded.of('session.closed');
    expect([broken?.code, gone?.code]).toEqual(['target_protocol_violation', 'target_leg_lost']);
    const lines = violationsLogged(scene.task.id);
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      {
        level: PINO_ERROR,
        time: expect.any(Number),
        name: 'gateway',
        pid: broker().pid('gateway'),
        msg: 'the target broke the protocol',
        grant: scene.task.id,
        target: scene.target.name,
        session: broken?.session,
        detail: broken?.detail,
      },
    ]);
    const [line = ''] = lines;
    const { provisioner } = scene.target;
    for (const word of [
      'asked-for-this',
      'row-of-this',
      'said-this',
      scene.task.login.password,
      provisioner.password,
    ]) {
      expect(line).not.toContain(word);
    }
  });

  test('that asks for a file when it was asked nothing, or in answer to a ping or PREPARE, gets no file', async () => {
    for (const [command, text] of [
      [COM_PING, ''],
      [COM_STMT_PREPARE, "SELECT 'lie'"],
    ] as const) {
      const client = await RawClient.logIn(scene.task.login);
      const ping = commandPackets(COM_PING).toString('latin1');
      scene.rogue.lieTo(
        (sent) => sent === ping || sent.includes("'lie'"),
        (leg) => leg.writeSlowly(packet(1, INFILE)),
      );
      client.command(command, text);
      await client.closed();
      expect(client.unread.includes(0xfb)).toBe(false);
    }
    const client = await RawClient.logIn(scene.task.login);
    scene.rogue.lieTo(/'lie'/, async (leg) => {
      await leg.write(packet(1, ok()));
      await expect.poll(() => client.unread.length).toBeGreaterThan(4);
      await leg.writeSlowly(packet(1, INFILE));
    });
    client.command(COM_QUERY, "SELECT 'lie'");
    await client.closed();
    expect(client.unread.includes(0xfb)).toBe(false);
    const recorded = await scene.closed();
    // That the one statement was answered is as true as that its session ended.
    expect(recorded.statements.map(({ result }) => result?.outcome)).toEqual(['unknown', 'ok', 'ok']);
  });

  test('with an error full of control characters is passed on, and its recording verifies', async () => {
    const client = await RawClient.logIn(scene.task.login);
    const error = Buffer.concat([hex('ff 5004 23 00ff800a22'), Buffer.from('<b>\u001b[31m\0\u202e\ud800"\\', 'utf8')]);
    scene.rogue.lieTo(/'lie'/, (leg) => leg.write(packet(1, error)));
    client.command(COM_QUERY, "SELECT 'lie'");
    await expect.poll(() => client.unread.length).toBe(error.length + 4);
    client.destroy();
    const recorded = await scene.closed();
    const [lie] = recorded.of('result').filter(({ outcome }) => outcome === 'error');
    expect(lie?.body.error).toMatchObject({
      errno: 1104,
      sqlState: 'HY000',
      message: expect.stringContaining('\u001b[31m\0'),
    });
  });

  test('with results without end costs the gateway no memory', async () => {
    const client = await RawClient.logIn(scene.task.login);
    const info = 'x'.repeat(900_000);
    const chatty = { affectedRows: 0, lastInsertId: 0, warnings: 0, sessionState: undefined };
    const result = encodeOk({ ...chatty, statusFlags: 2 | SERVER_MORE_RESULTS_EXISTS, info }, false);
    scene.rogue.lieTo(/'lie'/, async (leg) => {
      for (let id = 1; id < 2_000; id += 1) if (!(await leg.write(packet(id & 0xff, result)))) return;
    });
    const { grownMib } = await watchHeldMemory(broker(), async () => {
      client.command(COM_QUERY, "SELECT 'lie'");
      await client.drain();
    });
    expect(grownMib).toBeLessThan(HELD_MIB_MAX);
    const recorded = await scene.closed();
    expect(recorded.statements[0]?.result).toMatchObject({ outcome: 'unknown' });
  }, 90_000);

  test('with rows, or one row, without end to a client that does not read costs no memory, and the close ends it', async () => {
    const row = Buffer.concat([hex('fd 00ff00'), Buffer.alloc(0xff00, 0x61)]);
    const clients = [await RawClient.logIn(scene.task.login), await RawClient.logIn(scene.task.login)];
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
    const { grownMib } = await watchHeldMemory(broker(), async () => {
      for (const [index, lie] of endless.entries()) {
        scene.rogue.lieTo(new RegExp(`'lie ${index}'`), lie);
        clients[index]?.command(COM_QUERY, `SELECT 'lie ${index}'`);
        await expect.poll(() => clients[index]?.unread.length).toBeGreaterThan(4 * MIB);
        clients[index]?.pause();
        await standsStill(() => written[index] ?? 0); // written until nobody takes it
      }
    });
    expect(grownMib).toBeLessThan(HELD_MIB_MAX);
    const recorded = await scene.closed();
    const outcomes = recorded.statements.map(({ result }) => [result?.outcome, result?.response?.kept]);
    expect(outcomes).toEqual([
      ['unknown', MIB],
      ['unknown', MIB],
      ['ok', expect.any(Number)],
    ]);
    for (const client of clients) client.destroy();
  }, 90_000);
});

test('a target that never answers is given up at the deadline, and the recording says that nobody knows', async () => {
  const short = await openTask(broker(), scene.target, { ttlSeconds: 6 });
  const client = await RawClient.logIn(short.login);
  scene.rogue.lieTo(/'lie'/, () => undefined);
  client.command(COM_QUERY, "SELECT 'lie'");
  expect(await client.err()).toMatchObject({ errno: 1927, message: expect.stringContaining('(grant_expired)') });
  await client.closed();
  const recorded = await short.sealed();
  expect(recorded.statements).toMatchObject([{ result: { outcome: 'unknown' } }]);
  expect(recorded.of('session.closed')).toMatchObject([{ reason: 'grant-closed', code: 'grant_expired' }]);
  await scene.closed();
});

test('errors that a target makes up reach the client as they are', async () => {
  const client = await RawClient.logIn(scene.task.login);
  scene.rogue.lieTo(/'lie'/, (leg) =>
    leg.write(packet(1, encodeErr({ errno: 1064, sqlState: '42000', message: 'made up' }))),
  );
  expect((await client.query("SELECT 'lie'")).error).toMatchObject({ errno: 1064, message: 'made up' });
  await scene.closed();
});

/** The lines of the gateway's log that say so of one grant. */
function violationsLogged(grant: string): readonly string[] {
  const lines = broker().logs('gateway').split('\n');
  return lines.filter((line) => line.includes('broke the protocol') && line.includes(grant));
}
