import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import { encodeAuthMoreData, encodeAuthSwitchRequest } from '../../src/protocols/mysql/wire/login/handshake.js';
import { encodePackets } from '../../src/protocols/mysql/wire/packet.js';
import { decodeErr, encodeOk } from '../../src/protocols/mysql/wire/packets.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { RawClient, commandPackets } from '../support/clients/raw.js';
import { servers } from '../support/engines.js';
import { HELD_MIB_MAX, watchHeldMemory } from '../support/held-memory.js';
import { type Lie, rogueGreeting, startRogueTarget } from '../support/rogue-target.js';
import { makeTarget, openTask } from '../support/task.js';
import { useRogueScene } from './rogue-scene.js';

const MIB = 1024 * 1024;
const INFILE = Buffer.from('\u00fb/etc/passwd', 'latin1');
const LOST = { errno: 1152 };
const UNREACHABLE = { errno: 1429 };
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const packet = encodePackets;

const OK = encodeOk(
  { affectedRows: 0, lastInsertId: 0, statusFlags: 2, warnings: 0, info: '', sessionState: undefined },
  true,
);
const switchTo = (authPlugin: string, bytes: number): Buffer =>
  packet(2, encodeAuthSwitchRequest({ authPlugin, authPluginData: Buffer.alloc(bytes, 7) }));
const RSA_KEY = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).publicKey;

const broker = useSharedBroker();
const scene = useRogueScene(broker);

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
      afterGreeting(
        switchTo('caching_sha2_password', 20),
        packet(4, encodeAuthMoreData(hex('04'))),
        packet(6, encodeAuthMoreData(Buffer.from('-----BEGIN'))),
      ),
      LOST,
    ],
    [
      'with a key that is none, for the older plugin',
      afterGreeting(switchTo('sha256_password', 20), packet(4, encodeAuthMoreData(Buffer.from('-----BEGIN')))),
      LOST,
    ],
    ['with a key that nobody asked for', afterGreeting(packet(2, encodeAuthMoreData(Buffer.from(RSA_KEY)))), LOST],
    [
      'with a key that nobody asked for any more',
      afterGreeting(
        switchTo('sha256_password', 20),
        packet(4, encodeAuthSwitchRequest({ authPlugin: 'caching_sha2_password', authPluginData: Buffer.alloc(20) })),
        packet(6, encodeAuthMoreData(Buffer.from(RSA_KEY))),
      ),
      LOST,
    ],
    ['with something to sign that is no nonce', afterGreeting(switchTo('client_ed25519', 20)), LOST],
    ['with a request for a file', afterGreeting(packet(2, INFILE)), LOST],
    ['with an OK that is none', afterGreeting(packet(2, hex('00 fb'))), LOST],
    ['with an OK and a request for a file', afterGreeting(Buffer.concat([packet(2, OK), packet(1, INFILE)])), LOST],
    ['with wrong sequence ids', afterGreeting(packet(7, OK)), LOST],
  ])('%s: its client reads why it got no session', async (_, lie, answer) => {
    let heard: Buffer = Buffer.alloc(0);
    scene.rogue.lieAtGreeting(async (leg) => {
      leg.socket.on('close', () => (heard = leg.received()));
      await lie(leg);
    });
    const client = await RawClient.open(scene.task.login);
    const told = await client.logIn(scene.task.login);
    expect(told.includes(0xfb)).toBe(false);
    expect(decodeErr(told)).toMatchObject(answer);
    await client.closed();
    expect(heard.includes(scene.task.login.password)).toBe(false);
    const recorded = await scene.closed();
    expect(recorded.of('session.refused')).toHaveLength(1);
    expect(recorded.of('session.opened')).toHaveLength(1);
  });

  test('that says OK and then asks for a file unasked hands no client a file', async () => {
    scene.rogue.lieAtGreeting(async (leg) => {
      await afterGreeting(packet(2, OK))(leg);
      await leg.heard();
      await leg.write(packet(1, OK), packet(1, INFILE));
    });
    const client = await RawClient.logIn(scene.task.login);
    await client.closed();
    expect(client.unread.includes(0xfb)).toBe(false);
    await scene.closed();
  });

  test('that speaks a byte now and then is given up, and a client that floods it meanwhile costs no memory', async () => {
    let trickle: NodeJS.Timeout | undefined;
    const { promise: isDialled, resolve } = Promise.withResolvers<void>();
    const unsaid = [...rogueGreeting()];
    scene.rogue.lieAtGreeting(({ socket }) => {
      // All of it would take three times as long as a client has for its login.
      trickle = setInterval(() => void socket.write(Buffer.from([unsaid.shift() ?? 0])), 400);
      resolve();
    });
    const { grownMib } = await watchHeldMemory(broker(), async () => {
      const client = await RawClient.open(scene.task.login);
      client.logIn(scene.task.login).catch(() => undefined); // one that floods may not get to read its answer
      await isDialled;
      // Small enough for each to be taken during a login; 400 MiB of them.
      const flood = Buffer.concat(
        Array.from({ length: 64 }, () => commandPackets(COM_QUERY, Buffer.alloc(MIB / 16, 0x20))),
      );
      for (let sent = 0; sent < 100; sent += 1) client.write(flood);
      await client.closed();
    });
    clearInterval(trickle);
    expect(unsaid).not.toEqual([]); // given up before its greeting was whole
    expect(grownMib).toBeLessThan(HELD_MIB_MAX);
    expect((await scene.closed()).of('session.refused')).toMatchObject([{ code: 'target_unreachable' }]);
  }, 90_000);
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
      await scene.closed();
    } finally {
      await behindTls.drop();
      await silent.close();
    }
  },
);
