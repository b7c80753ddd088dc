import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ConnectionView } from '../../src/contracts/grants/grant.js';
import type { EntriesPage } from '../../src/contracts/recordings/recording.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { type EventStream, openEventStream, type StreamEvent } from '../support/event-stream.js';
import { call, openGrant, registerShop, type ShopTarget } from '../support/grants.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker();
const streams: EventStream[] = [];
let shop: ShopTarget;

beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
});
afterAll(async () => {
  for (const stream of streams) stream.close();
  await shop?.drop();
});

async function follow(grant: string, query = '', headers: Record<string, string> = {}): Promise<EventStream> {
  const key = broker().keys.reviewer;
  const url = `${broker().api}/v1/recordings/${grant}/events${query}`;
  const stream = await openEventStream(url, { authorization: `Bearer ${key}`, ...headers });
  streams.push(stream);
  return stream;
}

function run({ host, port, username: user, password, database }: ConnectionView, text: string): Promise<unknown> {
  const login = { host, port, user, password, ...(database === null ? {} : { database }) };
  return withMysql2(login, (client) => client.query(text));
}

const close = (grant: string) =>
  call(broker(), 'POST', `/v1/grants/${grant}/close?wait=20`, { key: broker().keys.agent });

const seqOf = ({ data }: StreamEvent) => Number(Reflect.get(Object(Reflect.get(Object(data), 'entry')), 'seq'));
const isSealed = ({ event }: StreamEvent) => event === 'sealed';

/** All entries up to the event that is wanted, which is the last. */
async function until(stream: EventStream, isWanted: (event: StreamEvent) => boolean): Promise<readonly StreamEvent[]> {
  const seen: StreamEvent[] = [];
  await stream.next((event) => {
    seen.push(event);
    return isWanted(event);
  });
  return seen;
}

it('says what is known of it, gives every entry as it is written, and ends when it is sealed', async () => {
  const { id, connection } = await openGrant(broker(), shop.name);
  const stream = await follow(id);
  expect([stream.status, stream.type]).toEqual([200, 'text/event-stream; charset=utf-8']);
  expect(await stream.next()).toMatchObject({
    event: 'state',
    data: { grantState: 'active', recording: { grantId: id } },
  });
  expect(await stream.next()).toMatchObject({ event: 'entry', data: { entry: { seq: 1, type: 'grant.opened' } } });
  await run(connection, 'SELECT total FROM orders');
  const result = await stream.next((event) => JSON.stringify(event.data).includes('"cameTo":"3 rows read"'));
  expect(result).toMatchObject({ data: { entry: { type: 'result' }, told: { rows: 3 } } });
  await close(id);
  const rest = await until(stream, isSealed);
  expect(rest.map(({ event }) => event)).toContain('state');
  expect(rest.at(-1)).toMatchObject({ data: { grantState: 'sealed', recording: { state: 'sealed' } } });
  await stream.ended();
  const { body } = await call<EntriesPage>(broker(), 'GET', `/v1/recordings/${id}/entries?limit=1000`, {
    key: broker().keys.reviewer,
  });
  const seen = rest.filter(({ event }) => event === 'entry').map(seqOf);
  expect(seen.at(-1)).toBe(body.items.length);
  expect(seen).toEqual(seen.map((_, index) => seqOf(result) + 1 + index));
});

it('goes on after the last entry that its reader has, and gives of a sealed one the rest and the end', async () => {
  const { id, connection } = await openGrant(broker(), shop.name);
  await run(connection, 'SELECT total FROM orders');
  const first = await follow(id, '?after=2');
  expect(seqOf(await first.next(({ event }) => event === 'entry'))).toBe(3);
  const again = await follow(id, '', { 'last-event-id': '3' });
  expect(seqOf(await again.next(({ event }) => event === 'entry'))).toBe(4);
  await close(id);
  await Promise.all([first.next(isSealed), again.next(isSealed)]);
  const late = await until(await follow(id, '?after=3'), isSealed);
  expect(seqOf(late[1] ?? { event: '', data: {} })).toBe(4);
  const beyond = await until(await follow(id, '?after=100000'), isSealed);
  expect(beyond.map(({ event }) => event)).toEqual(['state', 'sealed']);
});

it('ends when its reader may no longer read recordings', async () => {
  const { id, connection } = await openGrant(broker(), shop.name);
  const name = `reader-${id}`;
  const operator = { key: broker().keys.operator };
  await call(broker(), 'POST', '/v1/principals', { ...operator, body: { name, kind: 'user', roles: ['reviewer'] } });
  const { body } = await call(broker(), 'POST', `/v1/principals/${name}/keys`, { ...operator, body: {} });
  const key = String(body['key']);
  const stream = await openEventStream(`${broker().api}/v1/recordings/${id}/events`, key);
  streams.push(stream);
  await stream.next();
  await call(broker(), 'DELETE', `/v1/principals/${name}/keys/${String(key.split('_')[1])}`, operator);
  await stream.ended();
  await run(connection, 'SELECT 1');
  await close(id);
});

it('has at most 20 followers of one principal, and cuts one who does not read', async () => {
  const { id, connection } = await openGrant(broker(), shop.name);
  const deaf = connect({ host: new URL(broker().api).hostname, port: Number(new URL(broker().api).port) });
  deaf.on('error', () => undefined);
  deaf.pause();
  const authorization = `Authorization: Bearer ${broker().keys.reviewer}`;
  deaf.write(`GET /v1/recordings/${id}/events HTTP/1.1\r\nHost: broker\r\n${authorization}\r\n\r\n`);
  const isFull = async () => {
    const stream = await follow(id, '?after=1000000');
    return stream.status === 503;
  };
  await expect.poll(isFull, { timeout: 45_000 }).toBe(true);
  const before = streams.length;
  const large = 'x'.repeat(700_000);
  // More than the sockets of both sides hold.
  for (let count = 0; count < 24; count += 1) await run(connection, `SELECT LENGTH('${large}${count}')`);
  // It gave its place back, and those who take what they are sent kept theirs.
  await expect.poll(isFull, { timeout: 40_000, interval: 1_000 }).toBe(false);
  await expect.poll(isFull, { timeout: 45_000 }).toBe(true);
  expect(streams.length).toBeGreaterThan(before);
  deaf.destroy();
  await close(id);
}, 90_000);
