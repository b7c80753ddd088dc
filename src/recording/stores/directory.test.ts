import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../kernel/clock.js';
import type { ReadEntry } from '../entries/entry-reader.js';
import { eachLine, readEntries } from '../verify/reader.js';
import { readSealedEntries } from '../seal/sealed-entries.js';
import { removeLive, sealRecording } from '../seal/seal.js';
import { generateSealKey, jwkSigner } from '../seal/signer.js';
import { grantOpened, inScratch, recordLive, sessionClosed, sessionOpened, statement } from '../testing/recordings.js';
import { verifyOpened } from '../verify/verify.js';
import { RecordingWriter } from '../write/writer.js';
import { DirectoryRecordingStore } from './directory.js';
import { NO_PROTOCOLS as protocols } from '../recorded-protocol.js';

describe('the directory store', () => {
  it('finds a recording while it is live and when it is sealed, with the same entries', async () => {
    await inScratch(async (root) => {
      const store = new DirectoryRecordingStore(`${root}/recordings`);
      expect([await store.listLive(), await store.listSealed()]).toEqual([[], []]);
      await recordLive(store.liveDirectory('01JTEST'), { statements: 4, responseBytes: 100 });
      expect(await store.listLive()).toEqual(['01JTEST']);
      await expect(store.openSealed('01JTEST')).rejects.toThrow('recording_not_sealed');
      const page = { afterSeq: 0, limit: 100 };
      const live = await readEntries(await store.liveEntries('01JTEST'), page);

      const signer = await jwkSigner(await generateSealKey());
      const out = store.sealingPath('01JTEST');
      const directory = store.liveDirectory('01JTEST');
      const report = await sealRecording({ grant: '01JTEST', directory, out, signer, protocols, clock: systemClock });
      await store.keepSealed('01JTEST');
      await removeLive(directory, report);
      expect([await store.listLive(), await store.listSealed()]).toEqual([[], ['01JTEST']]);
      const file = await store.openSealed('01JTEST');
      try {
        expect(await readSealedEntries(file, page)).toEqual(live);
        expect((await file.stat()).size).toBe(report.bytes);
        expect(await verifyOpened(file, { protocols })).toMatchObject({ ok: true });
      } finally {
        await file.close();
      }
    });
  });

  it.each(['..', '.', '', 'a/b', '../x', 'a.tar', 'x'.repeat(65), 'a\0', 'ä'])('knows no grant %j', async (grantId) => {
    const store = new DirectoryRecordingStore('/nonexistent');
    expect(() => store.liveDirectory(grantId)).toThrow('recording_not_found');
    expect(() => store.sealingPath(grantId)).toThrow('recording_not_found');
    await expect(store.liveEntries(grantId)).rejects.toThrow('recording_not_found');
    await expect(store.openSealed(grantId)).rejects.toThrow('recording_not_found');
  });

  it('follows no link and waits at no FIFO, be it the sealed file, the entries or the live directory', async () => {
    await inScratch(async (root) => {
      const store = new DirectoryRecordingStore(join(root, 'recordings'));
      const secret = join(root, 'secret');
      await mkdir(secret);
      await recordLive(join(secret, '01JTEST'), { statements: 1, responseBytes: 10 });
      await mkdir(store.liveDirectory('01JTEST'), { recursive: true });
      const entries = join(store.liveDirectory('01JTEST'), 'entries.jsonl');
      const sealed = store.sealingPath('01JTEST');
      const put = [
        (path: string) => symlink(join(secret, '01JTEST', 'entries.jsonl'), path),
        async (path: string) => execFileSync('mkfifo', [path]),
        (path: string) => symlink('/dev/zero', path),
      ];
      for (const make of put) {
        await make(entries);
        await make(sealed);
        const source = await store.liveEntries('01JTEST');
        await expect(readEntries(source, { afterSeq: 0, limit: 1 })).rejects.toThrow('recording_mismatch');
        await expect(store.openSealed('01JTEST')).rejects.toThrow('recording_mismatch');
        await rm(entries);
        await rm(sealed);
      }
      await rm(store.liveDirectory('01JTEST'), { recursive: true });
      await symlink(join(secret, '01JTEST'), store.liveDirectory('01JTEST'));
      const source = await store.liveEntries('01JTEST');
      await expect(readEntries(source, { afterSeq: 0, limit: 1 })).rejects.toThrow('recording_mismatch');
      expect(await store.listLive()).toEqual([]);
    });
  });

  it('reads and writes where the directory itself is a link that an operator made', async () => {
    await inScratch(async (root) => {
      await mkdir(join(root, 'large-disk'));
      await symlink(join(root, 'large-disk'), join(root, 'recordings'));
      const store = new DirectoryRecordingStore(join(root, 'recordings'));
      const directory = store.liveDirectory('01JTEST');
      await recordLive(directory, { statements: 1, responseBytes: 10 });
      const signer = await jwkSigner(await generateSealKey());
      const seal = {
        grant: '01JTEST',
        directory,
        out: store.sealingPath('01JTEST'),
        signer,
        protocols,
        clock: systemClock,
      };
      expect(await sealRecording(seal)).toEqual(await sealRecording(seal));
      await (await store.openSealed('01JTEST')).close();
    });
  });

  it('gives no entries of another grant, from whichever page on', async () => {
    await inScratch(async (root) => {
      const store = new DirectoryRecordingStore(root);
      await recordLive(store.liveDirectory('01OTHER'), { statements: 4, responseBytes: 10 });
      for (const afterSeq of [0, 3]) {
        const source = await store.liveEntries('01OTHER');
        await expect(readEntries(source, { afterSeq, limit: 5 })).rejects.toThrow('recording_mismatch');
      }
    });
  });
});

describe('reading entries', () => {
  it('gives page after page, and leaves out a line that is still being written', async () => {
    await inScratch(async (root) => {
      const store = new DirectoryRecordingStore(root);
      await recordLive(store.liveDirectory('01JTEST'), { statements: 4, responseBytes: 10 });
      await appendFile(`${store.liveDirectory('01JTEST')}/entries.jsonl`, '{"seq":14,');
      const source = await store.liveEntries('01JTEST');
      const seen: number[] = [];
      for (let more = true; more;) {
        const page = await readEntries(source, { afterSeq: seen.length, limit: 5 });
        seen.push(...page.entries.map(({ entry }) => entry.seq));
        more = page.more;
      }
      expect(seen).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
    });
  });

  it('jumps to any entry of a long recording, live and sealed, and gives there what reading from the start gives', async () => {
    await inScratch(async (root) => {
      const store = new DirectoryRecordingStore(root);
      const directory = store.liveDirectory('01JTEST');
      await recordLive(directory, {
        statements: 2000,
        responseBytes: 10,
        text: (n) => `SELECT ${'x'.repeat(n % 900)}`,
      });
      const live = await store.liveEntries('01JTEST');
      const all: ReadEntry[] = [];
      for await (const read of eachLine(live, protocols)) all.push(read);
      const jumps = [0, 1, 2, 777, 2500, all.length - 2, all.length - 1, all.length, all.length + 9];
      for (const afterSeq of jumps) {
        const page = await readEntries(live, { afterSeq, limit: 3 });
        expect(page).toEqual({
          entries: all.slice(afterSeq, afterSeq + 3),
          format: 2,
          more: afterSeq + 3 < all.length,
        });
      }
      const signer = await jwkSigner(await generateSealKey());
      const out = store.sealingPath('01JTEST');
      await sealRecording({ grant: '01JTEST', directory, out, signer, protocols, clock: systemClock });
      const file = await store.openSealed('01JTEST');
      try {
        for (const afterSeq of jumps) {
          const page = await readSealedEntries(file, { afterSeq, limit: 3 });
          expect(page).toEqual({
            entries: all.slice(afterSeq, afterSeq + 3),
            format: 2,
            more: afterSeq + 3 < all.length,
          });
        }
      } finally {
        await file.close();
      }
    });
  });

  it('says which entry cannot be read where lines are damaged, and reads those before and after them', async () => {
    await inScratch(async (root) => {
      const store = new DirectoryRecordingStore(root);
      const directory = store.liveDirectory('01JTEST');
      await recordLive(directory, { statements: 1000, responseBytes: 10 });
      const path = `${directory}/entries.jsonl`;
      const lines = (await readFile(path, 'utf8')).split('\n');
      await writeFile(
        path,
        lines.map((line, index) => (index >= 900 && index < 1100 ? 'x'.repeat(line.length) : line)).join('\n'),
      );
      const live = await store.liveEntries('01JTEST');
      const pageAt = (afterSeq: number) => readEntries(live, { afterSeq, limit: 2 });
      expect((await pageAt(800)).entries.map(({ entry }) => entry.seq)).toEqual([801, 802]);
      await expect(pageAt(1000)).rejects.toMatchObject({ detail: 'Entry 1001 of the recording cannot be read.' });
      expect((await pageAt(1500)).entries.map(({ entry }) => entry.seq)).toEqual([1501, 1502]);
    });
  });

  it('reads only what is new after lines that no search finds its way past', async () => {
    await inScratch(async (root) => {
      const store = new DirectoryRecordingStore(root);
      const directory = store.liveDirectory('01JTEST');
      const long = 'x'.repeat(2 * 1024 * 1024);
      const writer = await RecordingWriter.create({ directory, clock: systemClock, durability: 'process' });
      writer.append(grantOpened);
      writer.append(sessionOpened);
      const bytesFrom = async (seq: number): Promise<number> => {
        let bytes = 0;
        const source = await store.liveEntries('01JTEST');
        for await (const chunk of source(seq)) bytes += chunk.length;
        return bytes;
      };
      for (let number = 1; number <= 4; number += 1) writer.append(statement(number, long));
      writer.append(sessionClosed);
      writer.flushNow();
      expect(await bytesFrom(7)).toBeGreaterThan(long.length);
      expect(await bytesFrom(7)).toBeLessThan(1024);
      writer.append({ type: 'grant.closing', reason: 'completed', by: null });
      writer.flushNow();
      expect(await bytesFrom(7)).toBeLessThan(1024);
      expect((await readEntries(await store.liveEntries('01JTEST'), { afterSeq: 3, limit: 9 })).entries).toHaveLength(
        5,
      );
      await writer.close();
    });
  });

  it('reads from the start when lines of another place lead the jump astray', async () => {
    await inScratch(async (root) => {
      const store = new DirectoryRecordingStore(root);
      const directory = store.liveDirectory('01JTEST');
      await recordLive(directory, { statements: 1000, responseBytes: 10 });
      const path = `${directory}/entries.jsonl`;
      const lines = (await readFile(path, 'utf8')).split('\n');
      await writeFile(path, [...lines.slice(0, 900), ...lines.slice(6, 400), ...lines.slice(900)].join('\n'));
      const live = await store.liveEntries('01JTEST');
      const page = await readEntries(live, { afterSeq: 500, limit: 2 });
      expect(page.entries.map(({ entry }) => entry.seq)).toEqual([501, 502]);
    });
  });
});
