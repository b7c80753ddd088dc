import { loadIndexConfig } from '../../../config/index-rebuild.js';
import { IndexRenewal, type RebuildCounts } from '../../../control/indexing/index-renewal.js';
import { StatementIndexer } from '../../../control/indexing/statement-indexer.js';
import { isGrantId } from '../../../domain/ids.js';
import { shownLine } from '../../../domain/visible-text.js';
import { BrokerError } from '../../../kernel/errors.js';
import { createLog } from '../../../kernel/log.js';
import { RecordingRepository } from '../../../persistence/recordings/recording.repository.js';
import type { StateSource } from '../../../persistence/state/data-source.js';
import { StatementIndexRepository } from '../../../persistence/statements/statement-index.repository.js';
import { recordedBy } from '../../../protocol/target-protocol.js';
import { DirectoryRecordingStore } from '../../../recording/stores/directory.js';
import { StartError } from '../../../start/start-error.js';
import { openState } from '../../../start/start.js';
import { PROTOCOLS } from '../../protocols.js';
import { EXIT, runCommand, UsageFailure } from '../terminal/conventions.js';

export interface RebuildOptions {
  readonly grant?: string;
  readonly json?: boolean;
}

/** Somebody who waits is told so often how far it is. */
const TELL_EVERY_MS = 5_000;

export async function rebuild({ grant, json = false }: RebuildOptions): Promise<void> {
  const config = loadIndexConfig({ ...process.env, START_WAIT_SECONDS: process.env['START_WAIT_SECONDS'] ?? '3' });
  const source = await openState(config, createLog('cli', 'silent'));
  try {
    await runCommand('index rebuild', async () => {
      if (grant !== undefined && !isGrantId(grant)) throw new UsageFailure('--grant takes the id of a grant, whole.');
      const work = rebuildOf(source, config.RECORDINGS_DIR);
      const counts = await work.run(grant);
      process.stdout.write(json ? `${JSON.stringify(counts)}\n` : textOf(counts));
      if (counts.failed > 0) process.exitCode = EXIT.failed;
    });
  } catch (error) {
    if (error instanceof BrokerError) throw new StartError(error.sentence, { cause: error });
    throw error;
  } finally {
    await source.destroy();
  }
}

function rebuildOf(source: StateSource, directory: string): IndexRenewal {
  const index = new StatementIndexRepository(source);
  const store = new DirectoryRecordingStore(directory);
  let statements = 0;
  let toldMs = performance.now();
  const indexer = new StatementIndexer({
    index,
    recordings: new RecordingRepository(source),
    store,
    recorded: recordedBy(PROTOCOLS),
    protocols: PROTOCOLS,
    metrics: { indexed: (count) => void (statements += count), unindexed: () => undefined },
  });
  return new IndexRenewal({
    indexer,
    index,
    store,
    statements: () => statements,
    progress(done, all) {
      if (performance.now() - toldMs < TELL_EVERY_MS) return;
      toldMs = performance.now();
      process.stderr.write(`${done} of ${all} recordings, ${statements} statements\n`);
    },
    failed: (grantId, error) =>
      void process.stderr.write(`The recording of ${grantId} could not be read: ${shownLine(error.sentence)}\n`),
  });
}

function textOf({ recordings, statements, removed, failed }: RebuildCounts): string {
  const lines = [`${statements} statements of ${recordings} recordings are in the index again.`];
  if (removed > 0) lines.push(`${removed} recordings do not exist any more and were taken out of it.`);
  if (failed > 0) lines.push(`${failed} recordings could not be read; workers try them again.`);
  return `${lines.join('\n')}\n`;
}
