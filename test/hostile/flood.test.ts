import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLIENT_PROTOCOL_41, CLIENT_SSL } from '../../src/protocols/mysql/wire/login/capabilities.js';
import { COM_PING, COM_STMT_SEND_LONG_DATA } from '../../src/protocols/mysql/wire/commands.js';
import { encodeSslRequest } from '../../src/protocols/mysql/wire/login/handshake.js';
import { encodePackets } from '../../src/protocols/mysql/wire/packet.js';
import { ALLOW_EVERYTHING } from '../support/policies.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { RawClient, commandPackets } from '../support/clients/raw.js';
import { engines } from '../support/engines.js';
import { gatewayMetrics } from '../support/gateway-metrics.js';
import { HELD_MIB_MAX, watchHeldMemory } from '../support/held-memory.js';
import { standsStill } from '../support/standstill.js';
import { type Task, type TestTarget, makeTarget, openTask } from '../support/task.js';

const MIB = 1024 * 1024;
const COM_SHUTDOWN = 0x08;
const TLS_REQUEST = encodePackets(
  1,
  encodeSslRequest({ capabilities: CLIENT_PROTOCOL_41 | CLIENT_SSL, collationId: 45, packetBytesMax: 1 << 24 }),
);

const broker = useSharedBroker(ALLOW_EVERYTHING, { AUTHENTICATION_SECONDS: '2' });

/** A piece of the value of a statement's first parameter. */
function longData(id: number, text: string): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32LE(id);
  return Buffer.concat([head, Buffer.from(text)]);
}

describe('a flood', () => {
  let target: TestTarget;
  let others: readonly { readonly task: Task; readonly client: RawClient }[];
  let flooded: Task;

  beforeAll(async () => {
    const [server] = engines();
    if (server === undefined) throw new Error('There is no server');
    target = await makeTarget(broker(), server, { schema: ['CREATE TABLE a (id INT)'], sessionsMax: 4 });
    flooded = await openTask(broker(), target);
    const neighbour = await openTask(broker(), target);
    others = [
      { task: flooded, client: await RawClient.logIn(flooded.login) },
      { task: neighbour, client: await RawClient.logIn(neighbour.login) },
    ];
  });
  afterAll(() => target?.drop());

  /** Asks through the other sessions, of the same grant and of another, while `work` runs; gives the slowest answer. */
  async function slowestAnswerMs(work: () => Promise<unknown>): Promise<number> {
    let slowest = 0;
    const done = new AbortController();
    const asking = others.map(async ({ client }) => {
      while (!done.signal.aborted) {
        const startedMs = performance.now();
        expect((await client.query('SELECT 1')).error).toBeUndefined();
        slowest = Math.max(slowest, performance.now() - startedMs);
      }
    });
    await work().finally(() => done.abort());
    await Promise.all(asking);
    return slowest;
  }

  test('of connections that never speak, also in the middle of TLS, is turned away, and others do not notice', async () => {
    const before = await gatewayMetrics(broker());
    const startedMs = performance.now();
    const slowest = await slowestAnswerMs(async () => {
      const clients = await Promise.all(Array.from({ length: 300 }, () => RawClient.open(flooded.login)));
      for (const client of clients) client.write(TLS_REQUEST);
      await Promise.all(clients.map((client) => client.closed()));
    });
    // They are answered while it lasts; how fast depends on what else the machine does.
    expect(slowest).toBeLessThan((performance.now() - startedMs) / 2);
    // The places of those that were let in are free again once their time is over.
    const client = await RawClient.logIn(flooded.login);
    expect((await client.query('SELECT 1')).error).toBeUndefined();
    client.destroy();
    await expect.poll(async () => (await gatewayMetrics(broker())).openFiles).toBeLessThanOrEqual(before.openFiles + 2);
  });

  test('of connections that are reset in every phase of the login harms nobody', async () => {
    const hello = Buffer.from('16030100050100000100', 'hex');
    for (const bytes of [
      Buffer.alloc(0),
      TLS_REQUEST.subarray(0, 7),
      TLS_REQUEST,
      Buffer.concat([TLS_REQUEST, hello]),
      Buffer.concat([TLS_REQUEST, Buffer.alloc(64, 0x55)]),
    ]) {
      for (const how of ['reset', 'destroy', 'end'] as const) {
        const client = await RawClient.open(flooded.login);
        await client.packet();
        client.write(bytes);
        client[how]();
      }
    }
    for (const { client } of others) expect((await client.query('SELECT 1')).error).toBeUndefined();
    await expect
      .poll(async () =>
        (await RawClient.open(flooded.login)).logIn(flooded.login).then(
          ([first]) => first,
          () => -1,
        ),
      )
      .toBe(0);
  });

  test('of refused commands from a client that does not read its refusals costs no memory and does not fill the disk', async () => {
    const client = await RawClient.logIn(flooded.login);
    client.pause();
    const commands = Buffer.concat(
      Array.from({ length: 20_000 }, () => commandPackets(COM_SHUTDOWN, Buffer.alloc(95))),
    );
    const { grownMib } = await watchHeldMemory(broker(), async () => {
      // Up to 400 MB; the gateway stops to read long before.
      for (let round = 0; round < 200; round += 1) client.write(commands);
      await standsStill(() => client.unsentBytes);
    });
    expect(client.unsentBytes).toBeGreaterThan(0);
    expect(grownMib).toBeLessThan(HELD_MIB_MAX);
    client.destroy();
  }, 90_000);

  test('of values in pieces is bounded over all statements of a session', async () => {
    const task = await openTask(broker(), target);
    const client = await RawClient.logIn(task.login);
    const ids: number[] = [];
    for (let count = 0; count < 3; count += 1) ids.push(await client.prepare('SELECT ?'));
    const piece = 'x'.repeat(8 * MIB);
    for (const id of ids) for (const _ of ids) client.command(COM_STMT_SEND_LONG_DATA, longData(id, piece));
    client.command(COM_PING);
    expect((await client.response(COM_PING)).error).toBeUndefined();
    client.destroy();
    const recorded = await task.close();
    const taken = recorded.of('note').filter(({ name }) => name === 'COM_STMT_SEND_LONG_DATA');
    expect(taken).toHaveLength(7); // with what each value costs besides its bytes, 64 MiB are not quite eight of them
    expect(recorded.of('refused').map(({ code }) => code)).toEqual(
      Array.from({ length: 2 }, () => 'payload_too_large'),
    );
  });

  test('leaves recordings that verify', async () => {
    for (const { task, client } of others) {
      client.destroy();
      const recorded = await task.close();
      expect(recorded.texts.every((text) => ['SELECT 1', 'SELECT ?'].includes(text))).toBe(true);
    }
  }, 60_000);
});
