import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../kernel/clock.js';
import type { EntryFields } from '../entries/entries.js';
import { NO_PROTOCOLS } from '../recorded-protocol.js';
import { sealRecording } from '../seal/seal.js';
import { generateSealKey, jwkSigner } from '../seal/signer.js';
import { DirectoryRecordingStore } from '../stores/directory.js';
import { grantClosed, grantOpened, sessionOpened, statement } from '../testing/recordings.js';
import type { EntrySource } from '../verify/reader.js';
import { RecordingWriter } from '../write/writer.js';
import { sealedRecording } from './open-recording.js';
import { soughtPage, type SoughtPage, type SoughtPageOptions } from './sought-page.js';

const STATEMENTS = 21_000;
const HELD = [7, 9_000, 20_990];

/** Two sessions by turns; three statements are held. */
async function record(directory: string): Promise<void> {
  const writer = await RecordingWriter.create({ directory, clock: systemClock, durability: 'process' });
  const entries: EntryFields[] = [grantOpened, sessionOpened, { ...sessionOpened, session: 2 }];
  for (let number = 1; number <= STATEMENTS; number += 1) {
    const verdict = HELD.includes(number) ? 'hold' : 'allow';
    entries.push({ ...statement(number), session: 1 + (number % 2), verdict });
  }
  for (const entry of [...entries, grantClosed()]) writer.append(entry);
  await writer.close();
}

let live: EntrySource;
let sealed: EntrySource;
let end: () => Promise<void>;

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), 'doorwarden-recording-'));
  const store = new DirectoryRecordingStore(root);
  const directory = store.liveDirectory('01JTEST');
  await record(directory);
  live = (await store.openLive('01JTEST')).lines;
  const signer = await jwkSigner(await generateSealKey());
  const out = store.sealingPath('01JTEST');
  await sealRecording({ grant: '01JTEST', directory, out, signer, protocols: NO_PROTOCOLS, clock: systemClock });
  const file = await store.openSealed('01JTEST');
  sealed = (await sealedRecording(file)).lines;
  end = async () => {
    await file.close();
    await rm(root, { recursive: true });
  };
});
afterAll(() => end());

/** Runs `use` with the recording while it goes on, and once more when it is sealed. */
async function eachWay(use: (lines: EntrySource) => Promise<void>): Promise<void> {
  for (const lines of [live, sealed]) await use(lines);
}

const seqs = ({ entries }: SoughtPage): number[] => entries.map(({ entry }) => entry.seq);
const FORWARDS: SoughtPageOptions = { afterSeq: 0, backwards: false, limit: 10 };

/** All that is found from page to page, and by how many calls. */
async function everyPage(lines: EntrySource, options: SoughtPageOptions): Promise<readonly [number[], number]> {
  const found: number[] = [];
  let [afterSeq, beforeSeq, calls] = [options.afterSeq, options.beforeSeq, 0];
  for (;;) {
    const page = await soughtPage(lines, { ...options, afterSeq, beforeSeq });
    calls += 1;
    if (options.backwards) found.unshift(...seqs(page));
    else found.push(...seqs(page));
    if (page.next === null && page.previous === null) return [found, calls];
    afterSeq = page.next ?? afterSeq;
    beforeSeq = page.previous ?? beforeSeq;
  }
}

describe('a page of entries that are sought', () => {
  it('has what fits, from page to page, forwards and backwards, live and sealed', async () => {
    await eachWay(async (lines) => {
      const held = HELD.map((number) => number + 3);
      for (const backwards of [false, true]) {
        const [found, calls] = await everyPage(lines, { ...FORWARDS, verdict: 'hold', backwards, limit: 2 });
        expect(found).toEqual(held);
        expect(calls).toBeGreaterThan(1);
      }
      const opened = await everyPage(lines, { ...FORWARDS, types: new Set(['session.opened', 'grant.closed']) });
      expect(opened[0]).toEqual([2, 3, STATEMENTS + 4]);
      const [ofSession] = await everyPage(lines, { ...FORWARDS, session: 2, limit: 1000, beforeSeq: 20 });
      expect(ofSession).toEqual([3, 4, 6, 8, 10, 12, 14, 16, 18]);
    });
  });

  it('is read backwards from anywhere, and from the end where nothing says where', async () => {
    await eachWay(async (lines) => {
      const back = (beforeSeq: number | undefined) =>
        soughtPage(lines, { ...FORWARDS, backwards: true, beforeSeq, limit: 3 });
      const last = STATEMENTS + 4;
      expect(await back(12_345)).toMatchObject({ previous: 12_342, next: null, format: 2 });
      expect(seqs(await back(12_345))).toEqual([12_342, 12_343, 12_344]);
      expect(seqs(await back(undefined))).toEqual([last - 2, last - 1, last]);
      expect(seqs(await back(Number.MAX_SAFE_INTEGER))).toEqual([last - 2, last - 1, last]);
      expect(await back(4)).toMatchObject({ previous: null, next: null });
      expect(seqs(await back(1))).toEqual([]);
    });
  });

  it('looks through a bounded number of entries, and says where to go on', async () => {
    await eachWay(async (lines) => {
      const none = await soughtPage(lines, { ...FORWARDS, afterSeq: 100, types: new Set(['stream']) });
      expect(none).toMatchObject({ entries: [], next: 20_100 });
      expect(await soughtPage(lines, { ...FORWARDS, afterSeq: 20_100, types: new Set(['stream']) })).toMatchObject({
        entries: [],
        next: null,
      });
    });
  });

  it('has nothing where nothing was written yet', async () => {
    const empty: EntrySource = async function* () {};
    for (const backwards of [false, true]) {
      expect(await soughtPage(empty, { ...FORWARDS, backwards, session: 1 })).toEqual({
        entries: [],
        format: undefined,
        next: null,
        previous: null,
      });
    }
  });
});
