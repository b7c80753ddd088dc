import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { readStatement } from '../clients.js';
import { median } from '../figures.js';
import { memoryOf } from '../machine.js';
import type { Bench, Row } from '../row.js';

const MIB = 1024 * 1024;
const WARM_UP_ROWS = 32 * 1024;
const ROWS = 1024 * 1024;
const ROW_BYTES = 1_000;
const READ_BYTES_PER_SECOND = 100e6;
const SAMPLE_EVERY_MS = 50;
const RUNS_MAX = 3; // one run takes ten seconds

/** How much the gateway grows while a result of 1 GB goes to a client that reads more slowly than the target sends. */
export const slowReaderRow: Row = {
  name: 'slow-reader',
  what: 'growth of the gateway while 1 GB streams to a slow reader',
  bounds: { floor: 64, goal: 16, unit: 'MiB', better: 'lower' },
  async measure({ broker, options, say }) {
    const samples: number[] = [];
    const runs = Math.min(options.runs, RUNS_MAX);
    for (let run = 1; run <= runs; run += 1) {
      const growthBytes = await growth(broker);
      samples.push(growthBytes / MIB);
      say(`run ${run} of ${runs}: grew by ${(growthBytes / MIB).toFixed(1)} MiB`);
    }
    return { value: median(samples), samples, detail: `read at ${READ_BYTES_PER_SECOND / 1e6} MB/s` };
  },
};

async function growth(broker: Bench['broker']): Promise<number> {
  const grant = await broker.openGrant();
  try {
    await readStatement(grant.login, resultOf(WARM_UP_ROWS), readSlowly);
    const before = await memoryOf(broker.gatewayPid);
    let most = before.nowBytes;
    const timer = setInterval(() => {
      void memoryOf(broker.gatewayPid).then(({ nowBytes }) => (most = Math.max(most, nowBytes)));
    }, SAMPLE_EVERY_MS);
    try {
      await readStatement(grant.login, resultOf(ROWS), readSlowly);
    } finally {
      clearInterval(timer);
    }
    return most - before.nowBytes;
  } finally {
    await broker.closeGrant(grant);
  }
}

/** Made row by row while it is sent, so the target holds nothing either. */
function resultOf(rows: number): string {
  return `SELECT REPEAT('x', ${ROW_BYTES}) FROM seq_1_to_${rows}`;
}

async function readSlowly(output: Readable): Promise<void> {
  const startedMs = performance.now();
  let bytes = 0;
  for await (const chunk of output) {
    bytes += (chunk as Buffer).length;
    const aheadMs = (bytes / READ_BYTES_PER_SECOND) * 1000 - (performance.now() - startedMs);
    if (aheadMs > 5) await pause(aheadMs);
  }
}
