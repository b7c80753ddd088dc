import { appendFile, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../kernel/clock.js';
import { setDamageAside } from './damage.js';
import { sealRecording } from '../seal/seal.js';
import { generateSealKey, jwkSigner } from '../seal/signer.js';
import { grantClosed, inScratch, pack, recordLive, unpack } from '../testing/recordings.js';
import { entriesOf } from '../testing/sealed-members.js';
import { verifyRecording } from '../verify/verify.js';
import { RecordingWriter } from './writer.js';
import { NO_PROTOCOLS as protocols } from '../recorded-protocol.js';

const STATEMENTS = 6;
const LIMITS = { segmentBytesMax: 250 };

interface Live {
  readonly live: string;
  readonly entries: string;
  readonly out: string;
}

/** A closed live recording of two responses a segment, whose entries are then changed. */
function withLive(change: (lines: readonly string[]) => string | Buffer, use: (live: Live) => Promise<void>) {
  return inScratch(async (directory) => {
    const live = join(directory, '01JTEST');
    const entries = join(live, 'entries.jsonl');
    await recordLive(live, { statements: STATEMENTS, responseBytes: 100, limits: LIMITS });
    const lines = (await readFile(entries, 'utf8')).split('\n').slice(0, -1);
    await writeFile(entries, change(lines));
    await use({ live, entries, out: join(directory, '01JTEST.tar') });
  });
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

async function seal({ live, out }: Live) {
  const signer = await jwkSigner(await generateSealKey());
  return sealRecording({ grant: '01JTEST', directory: live, out, signer, protocols, clock: systemClock });
}

/** What a reaper does with a recording that cannot be opened again. */
async function closeAndSeal(live: Live) {
  const writer = RecordingWriter.reopen({ directory: live.live, clock: systemClock, durability: 'process' });
  writer.appendClosing(grantClosed(true));
  await writer.close();
  return seal(live);
}

const withZeros = (lines: readonly string[]): Buffer =>
  Buffer.concat([
    Buffer.from(joined(lines.slice(0, 6))),
    Buffer.alloc(500),
    Buffer.from(`\n${joined(lines.slice(8))}`),
  ]);

describe('a damaged live recording', () => {
  it('neither opens again nor is sealed before the damage is set aside', async () => {
    await withLive(withZeros, async (live) => {
      expect(() => RecordingWriter.reopen({ directory: live.live, clock: systemClock, durability: 'process' })).toThrow(
        'damaged',
      );
      await expect(seal(live)).rejects.toThrow('entry 7');
    });
  });

  it('becomes one sealed recording that says what was damaged and keeps every byte of it', async () => {
    await withLive(withZeros, async (live) => {
      const before = await readFile(live.entries);
      const damage = await setDamageAside(live.live, protocols);
      expect(damage).toMatchObject({ where: 'entry 7' });
      const report = await closeAndSeal(live);
      const bytes = damage?.parts.reduce((sum, part) => sum + part.bytes, 0);
      expect(report).toMatchObject({ ok: true, entries: 7, damage: { where: 'entry 7', bytes } });
      expect(await verifyRecording(live.out, { protocols })).toMatchObject({ ok: true, damage: { where: 'entry 7' } });
      const members = await unpack(live.out);
      const kept = members.get('damaged/000001.bin') ?? Buffer.alloc(0);
      const entries = Buffer.from(await entriesOf(members));
      const heldBytes = before.length - kept.length;
      expect(Buffer.concat([entries.subarray(0, heldBytes), kept]).equals(before)).toBe(true);
      expect(JSON.parse(members.get('manifest.json')?.toString('utf8') ?? '')).toMatchObject({
        damage: {
          parts: [
            { name: 'damaged/000001.bin', file: 'entries.jsonl', at: heldBytes },
            { name: 'damaged/000002.bin', file: 'responses-000002.bin', at: 0, bytes: 200 },
            { name: 'damaged/000003.bin', file: 'responses-000003.bin', at: 0, bytes: 200 },
          ],
        },
      });
    });
  });

  it.each([
    [
      'two writers wrote',
      (lines: readonly string[]) => joined(lines.toSpliced(8, 0, lines[4] ?? '', lines[5] ?? '')),
      9,
    ],
    ['an entry was changed', (lines: readonly string[]) => joined(lines).replace('SELECT 3', 'SELECT 7'), 7],
    ['an entry is missing', (lines: readonly string[]) => joined(lines.toSpliced(9, 1)), 10],
    ['lines follow the end', (lines: readonly string[]) => joined([...lines, ...lines.slice(2, 4)]), 18],
    ['nothing holds', (lines: readonly string[]) => `\0\n${joined(lines.slice(1))}`, 1],
  ])('is sealed with the entries before the first that does not hold: %s', async (_, change, entry) => {
    await withLive(change, async (live) => {
      const damage = await setDamageAside(live.live, protocols);
      expect(damage?.where).toBe(`entry ${entry}`);
      const held = (await readFile(live.entries, 'utf8')).split('\n').length - 1;
      expect(held).toBe(entry - 1);
      // Without grant.opened there is nothing to close; the reaper writes it.
      if (entry === 1) return;
      const report = entry > STATEMENTS * 2 + 5 ? await seal(live) : await closeAndSeal(live);
      expect(report.damage?.where).toBe(`entry ${entry}`);
    });
  });

  it('is the same when it is set aside again, also after a crash before the cut', async () => {
    await withLive(withZeros, async (live) => {
      const before = new Map<string, Buffer>();
      for (const name of await readdir(live.live)) before.set(name, await readFile(join(live.live, name)));
      const damage = await setDamageAside(live.live, protocols);
      expect(await setDamageAside(live.live, protocols)).toEqual(damage);
      for (const [name, bytes] of before) await writeFile(join(live.live, name), bytes);
      expect(await setDamageAside(live.live, protocols)).toEqual(damage);
      // A writer that was thought dead wrote once more.
      await appendFile(live.entries, 'what\n{"seq":9}\n');
      await rm(join(live.live, 'torn.json'), { force: true });
      await closeAndSeal(live);
    });
  });

  it('sets nothing aside from one that is whole or only torn', async () => {
    await withLive(joined, async (live) => {
      expect(await setDamageAside(live.live, protocols)).toBeUndefined();
      expect(await seal(live)).toMatchObject({ damage: null });
    });
    await withLive(
      (lines) => `${joined(lines.slice(0, 6))}{"seq":7,"pr`,
      async (live) => {
        expect(await setDamageAside(live.live, protocols)).toBeUndefined();
        expect((await stat(live.entries)).size).toBeGreaterThan(0);
        expect(await closeAndSeal(live)).toMatchObject({ damage: null });
      },
    );
  });

  it('no longer verifies when what was set aside is changed, dropped or added to', async () => {
    await withLive(withZeros, async (live) => {
      await setDamageAside(live.live, protocols);
      await closeAndSeal(live);
      const members = await unpack(live.out);
      const name = 'damaged/000002.bin';
      const part = Buffer.from(members.get(name) ?? '');
      part[10] = 1;
      await writeFile(live.out, pack(new Map(members).set(name, part)));
      expect(await verifyRecording(live.out, { protocols })).toMatchObject({ ok: false, problem: { where: name } });
      const fewer = new Map(members);
      fewer.delete('damaged/000003.bin');
      await writeFile(live.out, pack(fewer));
      expect(await verifyRecording(live.out, { protocols })).toMatchObject({
        ok: false,
        problem: { where: 'damaged/000003.bin' },
      });
      await writeFile(live.out, pack(new Map(members).set('damaged/000004.bin', part)));
      expect(await verifyRecording(live.out, { protocols })).toMatchObject({
        ok: false,
        problem: { where: 'damaged/000004.bin' },
      });
    });
  });
});
