import { loadMigrateConfig } from '../config/migrate.js';
import { createLog } from '../kernel/log.js';
import { connectState } from '../start/start.js';
import { migrate } from '../persistence/state/data-source.js';
import { vocabulariesOf } from '../protocol/target-protocol.js';
import { PROTOCOLS } from './protocols.js';
import { runProcess } from './run-process.js';

await runProcess('doorwarden migrate', async () => {
  const config = loadMigrateConfig(process.env);
  const source = await connectState(config, createLog('migrate', config.LOG_LEVEL));
  try {
    const done = await migrate(
      source,
      vocabulariesOf(PROTOCOLS).map(({ defaults }) => defaults),
    );
    const text = done.length === 0 ? 'The state database is up to date.' : `Done: ${done.join(', ')}`;
    process.stdout.write(`${text}\n`);
  } finally {
    await source.destroy();
  }
});
