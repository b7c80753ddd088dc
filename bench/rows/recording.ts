import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROTOCOLS } from '../../src/apps/protocols.js';
import { systemClock } from '../../src/kernel/clock.js';
import { recordedBy } from '../../src/protocol/target-protocol.js';
import { readSealedEntries } from '../../src/recording/seal/sealed-entries.js';
import { sealRecording } from '../../src/recording/seal/seal.js';
import { generateSealKey, jwkSigner } from '../../src/recording/seal/signer.js';
import { DirectoryRecordingStore } from '../../src/recording/stores/directory.js';
import { recordLive } from '../../src/recording/testing/recordings.js';
import { readEntries, type EntryPageOptions } from '../../src/recording/verify/reader.js';
import { median } from '../figures.js';
import type { Row } from '../row.js';

export const STATEMENTS = 1_100_000;
const RESPONSE_BYTES = 130;
const GRANT = '01JTEST';
const MS_PER_SECOND = 1_000;
/** The page that the API gives when it is asked for none in particular. */
const PAGE = 200;
const JUMPS = 50;

/** A recording of many point selects, as the gateway's writer writes it, live and sealed. */
export interface LongRecording {
  readonly root: string;
  readonly sealed: string;
  readonly sealSeconds: number;
}

let made: Promise<LongRecording> | undefined;

/** How large a sealed recording of many small statements is. */
export const sealSizeRow: Row = {
  name: 'seal-size',
  what: 'bytes of a sealed file for each point select',
  bounds: { floor: 208, goal: 150, unit: 'B', better: 'lower' },
  async measure({ say }) {
    const { sealed } = await longRecording(say);
    const { size } = await stat(sealed);
    return { value: size / STATEMENTS, samples: [size / STATEMENTS], detail: `${STATEMENTS} statements` };
  },
};

/** How long sealing takes, with the checks before and after. */
export const sealRow: Row = {
  name: 'seal',
  what: 'sealing a recording of 1.1 million point selects',
  bounds: { floor: 60, goal: 20, unit: 's', better: 'lower' },
  async measure({ say }) {
    const { sealSeconds } = await longRecording(say);
    return { value: sealSeconds, samples: [sealSeconds], detail: `${STATEMENTS} statements` };
  },
};

/** How long a page of entries anywhere in a long recording takes while its grant lives. */
export const jumpLiveRow: Row = {
  name: 'jump-live',
  what: 'a page of 200 entries anywhere in a live recording of 2.2 million entries, p50',
  bounds: { floor: 20, goal: 10, unit: 'ms', better: 'lower' },
  async measure({ say }) {
    const { root } = await longRecording(say);
    const source = await new DirectoryRecordingStore(root).liveEntries(GRANT);
    return jumped((page) => readEntries(source, page));
  },
};

/** The same when it is sealed. */
export const jumpSealedRow: Row = {
  name: 'jump-sealed',
  what: 'the same, sealed',
  bounds: { floor: 20, goal: 10, unit: 'ms', better: 'lower' },
  async measure({ say }) {
    const { sealed } = await longRecording(say);
    const file = await open(sealed);
    try {
      return await jumped((page) => readSealedEntries(file, page));
    } finally {
      await file.close();
    }
  },
};

/** Removes what the rows have made. */
export async function removeLongRecording(): Promise<void> {
  const found = await made;
  made = undefined;
  if (found !== undefined) await rm(found.root, { recursive: true, force: true });
}

async function jumped(read: (page: EntryPageOptions) => Promise<unknown>) {
  const samples: number[] = [];
  for (let jump = 0; jump < JUMPS; jump += 1) {
    const afterSeq = Math.floor((((jump * 37) % JUMPS) / JUMPS) * 2 * STATEMENTS);
    const startedMs = performance.now();
    await read({ afterSeq, limit: PAGE });
    samples.push(performance.now() - startedMs);
  }
  return {
    value: median(samples),
    samples,
    detail: `${JUMPS} places, the slowest ${Math.max(...samples).toFixed(1)} ms`,
  };
}

export function longRecording(say: (line: string) => void): Promise<LongRecording> {
  made ??= makeLongRecording(say);
  return made;
}

async function makeLongRecording(say: (line: string) => void): Promise<LongRecording> {
  const root = await mkdtemp(join(tmpdir(), 'doorwarden-bench-'));
  const [directory, sealed] = [join(root, GRANT), join(root, `${GRANT}.tar`)];
  await recordLive(directory, {
    statements: STATEMENTS,
    responseBytes: RESPONSE_BYTES,
    text: (number) => `SELECT c FROM sbtest1 WHERE id = ${(number * 7919) % 1_000_003}`,
  });
  const signer = await jwkSigner(await generateSealKey());
  const startedMs = performance.now();
  await sealRecording({
    grant: GRANT,
    directory,
    out: sealed,
    signer,
    protocols: recordedBy(PROTOCOLS),
    clock: systemClock,
  });
  const sealSeconds = (performance.now() - startedMs) / MS_PER_SECOND;
  say(`sealed ${STATEMENTS} statements in ${sealSeconds.toFixed(1)} s`);
  return { root, sealed, sealSeconds };
}
