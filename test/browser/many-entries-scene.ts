import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/kernel/clock.js';
import {
  grantClosed,
  grantOpened,
  sessionClosed,
  sessionOpened,
  statement,
} from '../../src/recording/testing/recordings.js';
import { RecordingWriter } from '../../src/recording/write/writer.js';
import { grantEntity } from '../../src/persistence/entities/grant.js';
import type { Broker } from '../support/broker.js';
import { insertActiveGrant } from '../support/approval-state.js';
import { atState } from '../support/sign-in.js';
import { untilOver } from '../support/task.js';

const HOUR_MS = 3_600_000;
/** Entries that stand around the statements. */
const FRAME_ENTRIES = 5;
const WRITTEN_AT_ONCE = 2_000;

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
  const id = await atState(broker, (source) =>
    insertActiveGrant(source, { taskTitle: `${entries} entries`, activeAtMs: Date.now() - HOUR_MS }),
  );
  await writeMany(join(broker.recordingsFolder, id), id, entries);
  await atState(broker, (source) =>
    source.getRepository(grantEntity).update(id, {
      state: 'closing',
      closeReason: 'completed',
      closingAtMs: Date.now() - 60_000,
      endedAtMs: Date.now() - 60_000,
    }),
  );
  await untilOver(broker, id, 300_000);
  return id;
}

async function writeMany(directory: string, grant: string, entries: number): Promise<void> {
  const writer = await RecordingWriter.create({ directory, clock: new EvenClock(), durability: 'process' });
  writer.append({ ...grantOpened, grant });
  writer.append(sessionOpened);
  const statements = Math.floor((entries - FRAME_ENTRIES) / 2);
  for (let number = 1; number <= statements; number += 1) {
    const isDenied = number === Math.floor(statements / 2);
    const text = number % 100 === 0 ? `UPDATE orders SET runs = ${number} WHERE id = 1` : `SELECT ${number}`;
    writer.append({ ...statement(number, text), verdict: isDenied ? 'deny' : 'allow' });
    writer.append({
      type: 'result',
      session: 1,
      operation: number,
      name: 'COM_QUERY',
      outcome: isDenied ? 'error' : 'ok',
      durationUs: 800,
      body: isDenied
        ? { results: [], error: { errno: 1142, sqlState: '42000', message: 'denied' } }
        : { results: [{ kind: 'ok', affectedRows: 1, lastInsertId: 0, warnings: 0 }] },
    });
    if (number % WRITTEN_AT_ONCE === 0) await turn();
  }
  writer.append(sessionClosed);
  writer.append({ type: 'grant.closing', reason: 'completed', by: null });
  writer.append(grantClosed());
  await writer.close();
}
