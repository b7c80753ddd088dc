import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { ALLOW_EVERYTHING } from '../support/policies.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { engines } from '../support/engines.js';
import { parseCall, systemCallsDuring, type SystemCall } from '../support/syscalls.js';
import { makeTarget, openTask, type TestTarget } from '../support/task.js';

const CONNECTIONS = 8;
const ROUNDS = 20;
const LONG_TEXT = 'x'.repeat(300_000);
const MARK = /mark-\d+-\d+-\w+-end/g;
/** strace gives times in whole microseconds. */
const ROUNDING_S = 2e-6;

/** What the calls of a gateway show of statements that carry a mark. */
interface Order {
  /** Marks of which bytes went to the target. */
  readonly sent: ReadonlySet<string>;
  /** Those of them whose entry was not written, or not synced where that is asked for, when their bytes left. */
  readonly early: readonly string[];
}

function orderOf(calls: readonly SystemCall[], targetPort: number, { synced }: { readonly synced: boolean }): Order {
  const writtenS = new Map<string, number>();
  const sent = new Set<string>();
  const early: string[] = [];
  const syncs = calls.filter(
    ({ name, target, result }) => /^f(data)?sync$/.test(name) && isEntries(target) && result === 0,
  );
  for (const call of calls) {
    const marks = call.rest.match(MARK) ?? [];
    if (isEntries(call.target) && call.result > 0) {
      for (const mark of marks) if (!writtenS.has(mark)) writtenS.set(mark, call.endedS);
    }
    if (!call.target.endsWith(`:${targetPort}]`)) continue;
    for (const mark of marks) {
      if (sent.has(mark)) continue;
      sent.add(mark);
      const entryS = writtenS.get(mark);
      const isSafe =
        entryS !== undefined &&
        entryS <= call.beganS + ROUNDING_S &&
        (!synced ||
          syncs.some(({ beganS, endedS }) => beganS >= entryS - ROUNDING_S && endedS <= call.beganS + ROUNDING_S));
      if (!isSafe) early.push(mark);
    }
  }
  return { sent, early };
}

function isEntries(target: string): boolean {
  return target.endsWith('/entries.jsonl');
}

/** Statements of many sessions at once: as text, prepared, and longer than a socket takes at once. */
async function runMarked(login: Parameters<typeof withMysql2>[0]): Promise<ReadonlySet<string>> {
  const marks = new Set<string>();
  const marked = (mark: string): string => {
    marks.add(mark);
    return mark;
  };
  const session = (connection: number): Promise<void> =>
    withMysql2(login, async (client) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const id = `mark-${connection}-${round}`;
        await client.query(`SELECT '${marked(`${id}-query-end`)}'`);
        await client.execute('SELECT ? AS v', [marked(`${id}-execute-end`)]);
      }
      await client.query(`SELECT '${marked(`mark-${connection}-0-long-end`)}', LENGTH('${LONG_TEXT}')`);
    });
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, connection) => session(connection)));
  return marks;
}

describe.each([{ durability: 'process' }, { durability: 'disk' }] as const)(
  'with RECORDING_DURABILITY=$durability',
  ({ durability }) => {
    const broker = useSharedBroker(ALLOW_EVERYTHING, { RECORDING_DURABILITY: durability });
    const engine = engines()[0];
    let target: TestTarget;

    beforeAll(async () => {
      if (engine === undefined) throw new Error('There is no database server');
      target = await makeTarget(broker(), engine);
    });
    afterAll(() => target?.drop());

    test('no byte of a statement goes to the target before its entry is written, as the system calls show', async (context: TestContext) => {
      const task = await openTask(broker(), target);
      let marks: ReadonlySet<string> = new Set();
      const calls = await systemCallsDuring(broker().pid('gateway'), async () => {
        marks = await runMarked(task.login);
      });
      await task.close();
      if (typeof calls === 'string') context.skip(calls);
      const { sent, early } = orderOf(calls, target.engine.port, { synced: durability === 'disk' });
      expect(sent).toEqual(marks);
      expect(early).toEqual([]);
    });
  },
);

test('bytes that leave before their entry is written, or synced, would be noticed', () => {
  const entry = String.raw`1.000010 write(5</r/entries.jsonl>, "{\"text\":\"mark-1-1-query-end\"}\n", 30) = 30 <0.000005>`;
  const sync = '1.000020 fdatasync(5</r/entries.jsonl>) = 0 <0.000100>';
  const send = String.raw`1.000200 write(7<TCP:[127.0.0.1:5->127.0.0.1:3306]>, "\3SELECT 'mark-1-1-query-end'", 30) = 30 <0.000005>`;
  const early = (synced: boolean, ...lines: readonly string[]): readonly string[] =>
    orderOf(
      lines.flatMap((line) => parseCall(line, 1) ?? []),
      3306,
      { synced },
    ).early;
  expect(early(true, entry, sync, send)).toEqual([]);
  expect(early(false, entry, send)).toEqual([]);
  expect(early(true, entry, send)).toEqual(['mark-1-1-query-end']);
  expect(early(false, send)).toEqual(['mark-1-1-query-end']);
  expect(early(false, send.replace('1.000200', '0.9'), entry)).toEqual(['mark-1-1-query-end']);
});
