import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { newGrantId } from '../../src/domain/ids.js';
import type { Clock } from '../../src/kernel/clock.js';
import {
  grantClosed,
  grantOpened,
  sessionClosed,
  sessionOpened,
  statement,
} from '../../src/recording/testing/recordings.js';
import { RecordingWriter } from '../../src/recording/write/writer.js';
import type { Broker } from '../support/broker.js';
import { insertActiveGrant } from '../support/approval-state.js';
import { atState } from '../support/sign-in.js';
import { untilOver } from '../support/task.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SEALED_MS_MAX = 300_000;
/** Entries that stand around the statements. */
const FRAME_ENTRIES = 5;
const WRITTEN_AT_ONCE = 2_000;

const CHANGED = { kind: 'ok', affectedRows: 1, lastInsertId: 0, warnings: 0 };
const READ = { kind: 'rows', columns: 1, rows: 1, warnings: 0 };

/** Entries come 2 ms after each other, and every 50,000 of them half a minute after that. */
class EvenClock implements Clock {
  #us = 0;

  nowMs(): number {
    return Math.floor(this.nowUs() / 1_000);
  }

  nowUs(): number {
    return (Date.now() - HOUR_MS) * 1_000;
  }

  monotonicUs(): number {
    this.#us += this.#us % 100_000_000 === 0 ? 30_000_000 : 2_000;
    return this.#us;
  }
}

/**
 * A sealed recording of so many entries: written by the product's own writer, sealed by the worker as any other. Its grant
 * was never open. Of every hundred statements one is a change; there is one that was denied, in the middle.
 */
export async function sealMany(broker: Broker, entries: number): Promise<string> {
  const id = newGrantId();
  await writeMany(join(broker.recordingsFolder, id), id, entries);
  const endedAtMs = Date.now() - MINUTE_MS; // long enough ago for the worker to look for it by itself
  await atState(broker, (source) =>
    insertActiveGrant(source, {
      id,
      taskTitle: `${entries} entries`,
      state: 'closing',
      closeReason: 'completed',
      activeAtMs: endedAtMs - HOUR_MS,
      closingAtMs: endedAtMs,
      endedAtMs,
    }),
  );
  await untilOver(broker, id, SEALED_MS_MAX);
  return id;
}

async function writeMany(directory: string, grant: string, entries: number): Promise<void> {
  const writer = await RecordingWriter.create({ directory, clock: new EvenClock(), durability: 'process' });
  writer.append({ ...grantOpened, grant });
  writer.append(sessionOpened);
  const statements = Math.floor((entries - FRAME_ENTRIES) / 2);
  for (let number = 1; number <= statements; number += 1) {
    const isDenied = number === Math.floor(statements / 2);
    const isChange = number % 100 === 0;
    const text = isChange
      ? `UPDATE orders SET runs = ${number} WHERE id = 1`
      : `SELECT total FROM orders WHERE id = ${number}`;
    // What an operation does is read once for each shape.
    const shape = isChange ? 'update' : 'select';
    writer.append({ ...statement(number, text), shape, verdict: isDenied ? 'deny' : 'allow' });
    writer.append({
      type: 'result',
      session: 1,
      operation: number,
      name: 'COM_QUERY',
      outcome: isDenied ? 'error' : 'ok',
      durationUs: 800,
      body: isDenied
        ? { results: [], error: { errno: 1142, sqlState: '42000', message: 'denied' } }
        : { results: [isChange ? CHANGED : READ] },
    });
    if (number % WRITTEN_AT_ONCE === 0) await turn();
  }
  writer.append(sessionClosed);
  writer.append({ type: 'grant.closing', reason: 'completed', by: null });
  writer.append(grantClosed());
  await writer.close();
}
