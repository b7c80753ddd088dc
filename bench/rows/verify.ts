import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest } from '../../src/recording/seal/sealed-manifest.js';
import { makeTemporaryFolder, ROOT } from '../../test/support/folders.js';
import { runProgram } from '../../test/support/clients/program.js';
import { pointSelects } from '../clients.js';
import { median } from '../figures.js';
import type { Bench, Row } from '../row.js';

const RECORD_SECONDS = 10;
const MB = 1e6;

/** How fast a sealed recording of many small statements is verified, each time by a new process: of what it holds, uncompressed. */
export const verifyRow: Row = {
  name: 'verify',
  what: 'verify a sealed recording',
  bounds: { floor: 100, goal: 400, unit: 'MB/s', better: 'higher' },
  async measure({ broker, options, say }) {
    const folder = makeTemporaryFolder();
    const file = join(folder, 'recording.tar');
    try {
      const sealed = await makeRecording(broker);
      await writeFile(file, sealed);
      const heldBytes = await bytesHeld(file);
      const samples: number[] = [];
      for (let run = 1; run <= options.runs; run += 1) {
        const rate = heldBytes / MB / (await secondsToVerify(file));
        samples.push(rate);
        say(`run ${run} of ${options.runs}: ${rate.toFixed(0)} MB/s`);
      }
      const detail = `${(heldBytes / MB).toFixed(0)} MB in a file of ${(sealed.length / MB).toFixed(0)} MB`;
      return { value: median(samples), samples, detail };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function makeRecording(broker: Bench['broker']): Promise<Buffer> {
  const grant = await broker.openGrant();
  await pointSelects(grant.login, { connections: 8, seconds: RECORD_SECONDS, prepared: false });
  await broker.closeGrant(grant);
  return broker.downloadRecording(grant);
}

/** Entries and responses, uncompressed. */
async function bytesHeld(path: string): Promise<number> {
  const file = await open(path);
  try {
    const read = await readManifest(file);
    if ('problem' in read) throw new Error(read.problem.what);
    const { entries, segments } = read.manifest;
    return segments.reduce((sum, { rawBytes }) => sum + rawBytes, entries.bytes);
  } finally {
    await file.close();
  }
}

async function secondsToVerify(file: string): Promise<number> {
  const program = join(ROOT, 'bench', 'verify-once.mjs');
  const { stdout, stderr, exitCode } = await runProgram(process.execPath, [program, file]);
  if (exitCode !== 0) throw new Error(`verify-once ended with ${exitCode}: ${stderr}`);
  return Number(stdout);
}
