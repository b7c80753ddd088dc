import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { until } from './until.js';
import type { BenchBroker } from './broker.js';
import { pointSelects } from './clients.js';

/** Two for each statement: it, and what came of it. */
const STATEMENTS = 500_000;
const RUN_SECONDS = 10;
const RUNS_MAX = 60;
/** The worker reads all of it once more, for the search. */
const INDEXED_MS_MAX = 600_000;

/** A task that a client has sent a million entries' worth of point selects under: over, sealed, and in the index. */
export interface LongTask {
  readonly grant: string;
  readonly entries: number;
}

let made: Promise<LongTask | string> | undefined;

/** Made once for all rows that want it. A sentence says why there is none: the machine is too busy for that many. */
export function longTask(broker: BenchBroker, say: (line: string) => void): Promise<LongTask | string> {
  made ??= makeLongTask(broker, say);
  return made;
}

async function makeLongTask(broker: BenchBroker, say: (line: string) => void): Promise<LongTask | string> {
  const grant = await broker.openGrant();
  let statements = 0;
  for (let run = 0; run < RUNS_MAX && statements < STATEMENTS; run += 1) {
    const rate = await pointSelects(grant.login, { connections: 8, seconds: RUN_SECONDS, prepared: false });
    statements += Math.floor(rate * RUN_SECONDS);
  }
  await broker.closeGrant(grant);
  if (statements < STATEMENTS) return `only ${statements} statements in ${RUNS_MAX * RUN_SECONDS} s`;
  say(`sealed ${statements} statements`);
  await untilIndexed(broker, grant.id);
  say('they are in the index');
  return { grant: grant.id, entries: 2 * statements };
}

/** Nothing is measured while the worker is busy with it. */
async function untilIndexed({ vouched }: BenchBroker, grant: string): Promise<void> {
  const state = await createConnection(vouched.stateUrl);
  try {
    await until('all of a recording in the index', INDEXED_MS_MAX, async () => {
      const [rows] = await state.query<RowDataPacket[]>(
        'SELECT 1 FROM statement_grants WHERE grant_id = ? AND is_live = FALSE',
        [grant],
      );
      return rows[0];
    });
  } finally {
    await state.end();
  }
}
