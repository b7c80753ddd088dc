import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  CLIENT_DEPRECATE_EOF,
  CLIENT_SESSION_TRACK,
  MARIADB_CLIENT_STMT_BULK_OPERATIONS,
} from '../../src/protocols/mysql/wire/login/capabilities.js';
import {
  COM_FIELD_LIST,
  COM_INIT_DB,
  COM_PING,
  COM_QUERY,
  COM_RESET_CONNECTION,
  COM_STMT_BULK_EXECUTE,
  COM_STMT_CLOSE,
  COM_STMT_EXECUTE,
  COM_STMT_FETCH,
  COM_STMT_PREPARE,
  COM_STMT_SEND_LONG_DATA,
} from '../../src/protocols/mysql/wire/commands.js';
import { ALLOW_EVERYTHING } from '../support/policies.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { RawClient, commandPackets } from '../support/clients/raw.js';
import { engines } from '../support/engines.js';
import { type TestTarget, NOTHING_LEFT, makeTarget, openTask, tracesOf } from '../support/task.js';

/** The streams of one run are the same as those of the next; a failing test prints the seed and the stream. */
const SEED = 4711;
const STREAMS = 300;
const AT_ONCE = 6;

const broker = useSharedBroker(ALLOW_EVERYTHING, { AUTHENTICATION_SECONDS: '2' });
let target: TestTarget;

beforeAll(async () => {
  const [engine] = engines();
  if (engine === undefined) throw new Error('There is no server');
  target = await makeTarget(broker(), engine, {
    schema: ['CREATE TABLE a (id INT PRIMARY KEY, t TEXT)', "INSERT INTO a VALUES (1, 'one')"],
    privileges: ['SELECT'],
  });
});
afterAll(() => target?.drop());

const execution = Buffer.from('0100000000010000000001030000000000', 'hex');
/** Three rows of one number: a value, NULL and DEFAULT. */
const rows = Buffer.from('010000008000030000010000000102', 'hex');
const COMMANDS = [
  commandPackets(COM_QUERY, 'SELECT id, t FROM a'),
  commandPackets(COM_QUERY, "SELECT REPEAT('x', 70000)"),
  commandPackets(COM_STMT_PREPARE, 'SELECT id FROM a WHERE id = ?'),
  commandPackets(COM_STMT_EXECUTE, execution),
  commandPackets(COM_STMT_BULK_EXECUTE, rows),
  commandPackets(COM_STMT_SEND_LONG_DATA, Buffer.from('01000000000061626300', 'hex')),
  commandPackets(COM_STMT_FETCH, Buffer.from('0100000005000000', 'hex')),
  commandPackets(COM_STMT_CLOSE, Buffer.from('01000000', 'hex')),
  commandPackets(COM_FIELD_LIST, 'a\0'),
  commandPackets(COM_INIT_DB, 'nowhere'),
  commandPackets(COM_RESET_CONNECTION),
  commandPackets(COM_PING),
];

interface HostileStream {
  /** Where the damage is: in the login, or in the commands behind it. */
  readonly phase: 'login' | 'commands';
  readonly commands: Buffer;
  readonly damage: readonly (readonly [at: number, byte: number])[];
  readonly cutAt: number;
  readonly leave: 'end' | 'reset' | 'destroy';
  readonly capabilities: number;
}

const streams: fc.Arbitrary<HostileStream> = fc.record({
  phase: fc.constantFrom('login', 'commands', 'commands', 'commands'),
  commands: fc
    .array(fc.constantFrom(...COMMANDS), { minLength: 1, maxLength: 12 })
    .map((parts) => Buffer.concat(parts)),
  damage: fc.array(fc.tuple(fc.nat({ max: 5_000 }), fc.nat({ max: 255 })), { maxLength: 4 }),
  cutAt: fc.nat({ max: 1_000 }),
  leave: fc.constantFrom('end', 'reset', 'destroy'),
  capabilities: fc.constantFrom(0, CLIENT_DEPRECATE_EOF, CLIENT_DEPRECATE_EOF | CLIENT_SESSION_TRACK),
});

function damaged(bytes: Buffer, { damage, cutAt }: HostileStream): Buffer {
  const result = Buffer.from(bytes);
  for (const [at, byte] of damage) if (result.length > 0) result.writeUInt8(byte, at % result.length);
  return cutAt % 3 === 0 ? result.subarray(0, cutAt % (result.length + 1)) : result;
}

test(`${STREAMS} damaged streams of clients leave the gateway, a session beside them and the recording whole`, async () => {
  const task = await openTask(broker(), target);
  const pid = broker().pid('gateway');
  const bystander = await RawClient.logIn(task.login);
  const waiting = fc.sample(streams, { seed: SEED, numRuns: STREAMS });
  const attack = async (stream: HostileStream): Promise<void> => {
    const client = await RawClient.open(task.login);
    try {
      if (stream.phase === 'login') {
        client.write(damaged(stream.commands, stream));
      } else {
        const { capabilities } = stream;
        const mariadbCapabilities = MARIADB_CLIENT_STMT_BULK_OPERATIONS;
        await client.logIn(task.login, { capabilities, mariadbCapabilities });
        client.write(damaged(stream.commands, stream));
      }
      client[stream.leave]();
      // Anyone who says that nothing follows gets all answers, and then the connection is closed.
      if (stream.leave === 'end') await client.drain();
    } catch {
      client.destroy(); // the gateway has closed the connection, as it may
    }
  };
  const attacker = async (): Promise<void> => {
    for (let stream = waiting.pop(); stream !== undefined; stream = waiting.pop()) {
      await attack(stream);
      const { results } = await bystanderAnswers();
      expect(results, `seed ${SEED}, stream ${JSON.stringify(stream)}`).toMatchObject([{ rows: [['one']] }]);
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  const bystanderAnswers = (): ReturnType<RawClient['query']> => {
    const next = last.then(() => bystander.query('SELECT t FROM a'));
    last = next.catch(() => undefined);
    return next;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, attacker));
  expect(broker().pid('gateway')).toBe(pid);
  expect(await target.rootRows('SELECT id, t FROM a')).toEqual([{ id: 1, t: 'one' }]);
  const recorded = await task.close();
  expect(recorded.closed).toMatchObject({ reason: 'completed', interrupted: false });
  // Every statement that was forwarded and answered has its result; the account had no more than SELECT all the time.
  expect(recorded.statements.length).toBeGreaterThan(STREAMS);
  expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
}, 60_000);
