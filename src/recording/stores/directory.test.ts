import { appendFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../kernel/clock.js';
import { readEntries } from '../reader.js';
import { removeLive, sealRecording } from '../seal.js';
import { generateSealKey, jwkSigner } from '../signer.js';
import { inScratch, recordLive } from '../testing/recordings.js';
import { verifyRecording } from '../verify.js';
import { DirectoryRecordingStore } from './directory.js';

describe('the directory store', () => {
  it('finds a recording while it is live and when it is sealed, with the same entries', async () => {
    await inScratch(async (root) => {
      const store = new DirectoryRecordingStore(`${root}/recordings`);
      expect([await store.listLive(), await store.listSealed()]).toEqual([[], []]);
      await recordLive(store.liveDirectory('01JTEST'), { statements: 4, responseBytes: 100 });
      expect(await store.listLive()).toEqual(['01JTEST']);
      await expect(store.openSealed('01JTEST')).rejects.toThrow('recording_not_sealed');
      const live = await readEntries(await store.entries('01JTEST'), { afterSeq: 0, limit: 100 });

      const signer = await jwkSigner(await generateSealKey());
      const path = store.sealingPath('01JTEST');
      const directory = store.liveDirectory('01JTEST');
      const report = await sealRecording({ directory, out: path, signer, clock: systemClock });
      await store.keepSealed('01JTEST');
      await removeLive(directory, path);
      expect([await store.listLive(), await store.listSealed()]).toEqual([[], ['01JTEST']]);
      expect(await readEntries(await store.entries('01JTEST'), { afterSeq: 0, limit: 100 })).toEqual(live);
      expect(await store.sealedBytes('01JTEST')).toBe(report.bytes);
      expect((await buffer(await store.openSealed('01JTEST'))).length).toBe(report.bytes);
      expect(await store.withSealedFile('01JTEST', (file) => verifyRecording(file))).toMatchObject({ ok: true });
    });
  });

  it.each(['..', '.', '', 'a/b', '../x', 'a.tar', 'x'.repeat(65), 'a\0', 'ä'])('knows no grant %j', async (grantId) => {
    const store = new DirectoryRecordingStore('/nonexistent');
    expect(() => store.liveDirectory(grantId)).toThrow('recording_not_found');
    expect(() => store.sealingPath(grantId)).toThrow('recording_not_found');
    await expect(store.entries(grantId)).rejects.toThrow('recording_not_found');
    await expect(store.openSealed(grantId)).rejects.toThrow('recording_not_found');
  });
});

describe('reading entries', () => {
  it('gives page after page, and leaves out a line that is still being written', async () => {
    await inScratch(async (root) => {
      const store = new DirectoryRecordingStore(root);
      await recordLive(store.liveDirectory('g'), { statements: 4, responseBytes: 10 });
      await appendFile(`${store.liveDirectory('g')}/entries.jsonl`, '{"seq":14,');
      const source = await store.entries('g');
      const seen: number[] = [];
      for (let more = true; more;) {
        const page = await readEntries(source, { afterSeq: seen.length, limit: 5 });
        seen.push(...page.entries.map((entry) => entry.seq));
        more = page.more;
      }
      expect(seen).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
    });
  });
});
