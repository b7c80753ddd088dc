import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  COM_QUERY,
  COM_STMT_EXECUTE,
  COM_STMT_PREPARE,
  COM_STMT_SEND_LONG_DATA,
} from '../../src/protocols/mysql/wire/commands.js';
import { PayloadWriter } from '../../src/protocols/mysql/wire/lenenc.js';
import { PACKET_PAYLOAD_BYTES_MAX, encodePackets } from '../../src/protocols/mysql/wire/packet.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { RawClient, commandPackets } from '../support/clients/raw.js';
import { engines } from '../support/engines.js';
import { NOTHING_LEFT, type TestTarget, makeTarget, openTask, tracesOf } from '../support/task.js';

const broker = useSharedBroker();

const DELETE = 'DELETE FROM a';
const LONG = `${DELETE} WHERE 1 /* ${'x'.repeat(PACKET_PAYLOAD_BYTES_MAX)} */`;

/** What a client has sent when it is cut off, and the texts of it that ran: only what had come whole. */
const CUTS: readonly {
  readonly name: string;
  readonly send: (client: RawClient) => void | Promise<void>;
  readonly ran: readonly string[];
}[] = [
  {
    name: 'in a packet’s header',
    send: (client) => client.write(commandPackets(COM_QUERY, DELETE).subarray(0, 3)),
    ran: [],
  },
  {
    name: 'behind a packet’s header',
    send: (client) => client.write(commandPackets(COM_QUERY, DELETE).subarray(0, 4)),
    ran: [],
  },
  {
    name: 'before the last byte',
    send: (client) => client.write(commandPackets(COM_QUERY, DELETE).subarray(0, -1)),
    ran: [],
  },
  {
    name: 'between the packets of one command, where the first would be a statement of its own',
    send: (client) =>
      client.write(encodePackets(0, Buffer.from(`\u0003${LONG}`)).subarray(0, 4 + PACKET_PAYLOAD_BYTES_MAX)),
    ran: [],
  },
  {
    name: 'in the command behind a whole one',
    send: (client) =>
      client.write(commandPackets(COM_QUERY, 'SELECT 1'), commandPackets(COM_QUERY, DELETE).subarray(0, 9)),
    ran: ['SELECT 1'],
  },
  {
    name: 'with a value in pieces that no execution followed',
    send: async (client) => {
      const id = await client.prepare('DELETE FROM a WHERE id < ?');
      const content = new PayloadWriter().uint32(id).uint16(0).text('9').finish();
      const execution = new PayloadWriter().uint32(id).uint8(0).uint32(1).finish();
      client.write(
        commandPackets(COM_STMT_SEND_LONG_DATA, content),
        commandPackets(COM_STMT_EXECUTE, execution).subarray(0, -1),
      );
    },
    ran: ['DELETE FROM a WHERE id < ?'],
  },
  {
    name: 'right behind a PREPARE',
    send: (client) => client.write(commandPackets(COM_STMT_PREPARE, DELETE)),
    ran: [DELETE],
  },
  {
    name: 'in a transaction that it had not committed',
    send: async (client) => {
      for (const text of ['START TRANSACTION', DELETE]) expect((await client.query(text)).error).toBeUndefined();
    },
    ran: ['START TRANSACTION', DELETE],
  },
];

describe.each(engines())('a client that is cut off on $flavour $version', (engine) => {
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, {
      schema: ['CREATE TABLE a (id INT PRIMARY KEY)', 'INSERT INTO a VALUES (1), (2), (3)'],
    });
  });
  afterAll(() => target?.drop());

  test.each(
    CUTS.flatMap((cut) => [
      { ...cut, how: 'closed' as const },
      { ...cut, how: 'reset' as const },
    ]),
  )('$name ($how) has run what had come whole, and nothing else', async ({ send, ran, how }) => {
    const task = await openTask(broker(), target);
    const [client, other] = [await RawClient.logIn(task.login), await RawClient.logIn(task.login)];
    await send(client);
    if (how === 'reset') client.reset();
    else client.end();
    await client.closed().catch(() => undefined);
    expect((await other.query('SELECT COUNT(*) FROM a')).error).toBeUndefined();
    const recorded = await task.close();
    const first = recorded.of('session.opened')[0]?.session;
    const texts = recorded.statements.filter(({ entry }) => entry.session === first);
    const seen = texts.map(({ text }) => text.toString('utf8'));
    // A reset may come before what was sent right ahead of it has been read.
    expect(seen).toEqual(how === 'reset' ? ran.slice(0, seen.length) : ran);
    expect((await target.rootRows('SELECT COUNT(*) AS n FROM a'))[0]).toEqual({ n: 3 });
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
  });
});
