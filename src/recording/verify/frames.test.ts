import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rounds } from '../../../test/support/rounds.js';
import type { Manifest } from '../seal/manifest.js';
import { readSealedEntries } from '../seal/sealed-entries.js';
import { SealedFile } from '../seal/sealed-file.js';
import { readFrames, type EntryFrame } from '../frames/frame-codec.js';
import { indexLine } from '../frames/frame-index.js';
import { pack, sealFixture, unpack, type Members, type SealedFixture } from '../testing/recordings.js';
import { asContainer1, entriesOf, signedAnew, withEntries, withFrames } from '../testing/sealed-members.js';
import { verifyRecording, type VerificationReport } from './verify.js';
import { NO_PROTOCOLS as protocols } from '../recorded-protocol.js';

let directory: string;
let sealed: SealedFixture;
let members: Members;
let frames: readonly EntryFrame[];
let lines: readonly string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'doorwarden-frames-'));
  // Long statements: as many frames with fewer lines.
  const text = (number: number) => `SELECT ${number} ${'x'.repeat(2_000)}`;
  sealed = await sealFixture(directory, { statements: 400, responseBytes: 30, text });
  members = await unpack(sealed.path);
  lines = (await entriesOf(members)).split('\n').slice(0, -1);
  const found: EntryFrame[] = [];
  for await (const frame of readFrames(once(memberOf('entries.jsonl.zst')))) found.push(frame);
  frames = found;
  expect(frames.length).toBeGreaterThan(3);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function memberOf(name: string): Buffer {
  return members.get(name) ?? Buffer.alloc(0);
}

async function verified(changed: Members): Promise<VerificationReport> {
  const path = join(directory, 'changed.tar');
  await writeFile(path, pack(changed));
  return verifyRecording(path, { protocols });
}

/** As verified, of a file that somebody with the key has made. */
async function verifiedSigned(changed: Members): Promise<VerificationReport> {
  return verified(await signedAnew(changed, sealed.privateJwk));
}

function framed(content: Buffer): Buffer {
  return zstdCompressSync(content, { pledgedSrcSize: content.length });
}

/** The frames as they are, but for those that `replace` gives instead of the second. */
function withSecond(...replace: readonly Buffer[]): Members {
  const [first, , ...rest] = frames;
  const contents = [first?.content, ...replace.map(() => frames[1]?.content), ...rest.map(({ content }) => content)];
  return withFrames(
    members,
    [first?.bytes ?? Buffer.alloc(0), ...replace, ...rest.map(({ bytes }) => bytes)],
    contents.map((content) => content ?? Buffer.alloc(0)),
  );
}

describe('frames of entries', () => {
  it('verify when they are signed again, so that what is refused below is refused for what was changed', async () => {
    expect(await verifiedSigned(members)).toMatchObject({ ok: true, entries: lines.length });
    expect(await verifiedSigned(withSecond(frames[1]?.bytes ?? Buffer.alloc(0)))).toMatchObject({ ok: true });
  });

  it('are named when any bit of one is flipped, or the entry that this changed', { timeout: 60_000 }, async () => {
    const bytes = memberOf('entries.jsonl.zst');
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        const report = await verified(new Map(members).set('entries.jsonl.zst', changed));
        expect(report.ok ? 'none' : report.problem.where).toMatch(/^(frame|entry) \d+$|^frames$/);
      }),
      { numRuns: rounds(60) },
    );
  });

  it('name the entry that was changed in any of them', async () => {
    for (const index of [0, 230, 430, lines.length - 1]) {
      const changed = lines.with(index, (lines[index] ?? '').replace(/"mono":(\d)/, '"mono":9$1'));
      const report = await verified(await withEntries(members, changed.map((line) => `${line}\n`).join('')));
      expect(report).toMatchObject({ ok: false, problem: { where: `entry ${index + 1}` } });
    }
  });

  it.each([0, undefined])(
    'that hold millions of newlines are refused at the first, with threads from %s bytes',
    async (from) => {
      const path = join(directory, 'newlines.tar');
      const newlines = framed(Buffer.alloc(32 * 1024 * 1024, '\n'));
      await writeFile(path, pack(new Map(members).set('entries.jsonl.zst', newlines)));
      const before = process.memoryUsage.rss();
      const options = { protocols, ...(from === undefined ? {} : { threadsFromBytes: from }) };
      expect(await verifyRecording(path, options)).toMatchObject({ problem: { where: 'entry 1' } });
      // Their hashes would have two gigabytes.
      expect(process.memoryUsage.rss() - before).toBeLessThan(1024 * 1024 * 1024);
    },
  );

  it('that hold the same lines and are compressed in another way are not what was sealed', async () => {
    const again = frames.map(({ content }) => framed(Buffer.from(content)));
    const contents = frames.map(({ content }) => content);
    expect(await verified(withFrames(members, again, contents))).toMatchObject({ problem: { where: 'frames' } });
    expect(await verifiedSigned(withFrames(members, again, contents))).toMatchObject({ ok: true });
  });

  it('divide the lines in one way only, no matter who signs', async () => {
    const content = frames[1]?.content ?? Buffer.alloc(0);
    const middle = content.indexOf('\n', content.length / 2) + 1;
    const halves = [framed(content.subarray(0, middle)), framed(content.subarray(middle))];
    expect(await verifiedSigned(withSecond(...halves))).toMatchObject({
      problem: { where: 'frame 3', what: expect.stringContaining('the frame before has room for') },
    });
    const both = Buffer.concat(frames.map((frame) => frame.content));
    expect(await verifiedSigned(withFrames(members, [framed(both)], [both]))).toMatchObject({
      problem: { where: 'frame 1', what: expect.stringContaining('more lines than fit') },
    });
  });

  it.each([
    [
      'with a checksum',
      (content: Buffer) => zstdCompressSync(content, { pledgedSrcSize: content.length, params: { 201: 1 } }),
    ],
    ['without the size of what it holds', (content: Buffer) => zstdCompressSync(content, { params: { 200: 0 } })],
    ['with a frame before it that is to be skipped', (content: Buffer) => Buffer.concat([SKIPPABLE, framed(content)])],
  ])('are refused %s, no matter who signs', async (_, make) => {
    const changed = withSecond(make(frames[1]?.content ?? Buffer.alloc(0)));
    expect(await verifiedSigned(changed)).toMatchObject({ ok: false, problem: { where: 'frame 2' } });
  });

  it('have nothing after the last', async () => {
    const more = (after: Buffer) =>
      verifiedSigned(new Map(members).set('entries.jsonl.zst', Buffer.concat([memberOf('entries.jsonl.zst'), after])));
    expect(await more(SKIPPABLE)).toMatchObject({ problem: { where: `frame ${frames.length + 1}` } });
    expect(await more(Buffer.alloc(1))).toMatchObject({ problem: { where: `frame ${frames.length + 1}` } });
    expect(await more(framed(Buffer.from('{}\n')))).toMatchObject({ ok: false });
  });
});

/** What zstd programs pass over without a word. */
const SKIPPABLE = Buffer.from('502a4d1804000000aaaaaaaa', 'hex');

describe('the index of frames', () => {
  it('is named when any bit of it is flipped', async () => {
    const bytes = memberOf('entries.index');
    for (const at of [0, 15, 16, 20, 33, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const report = await verified(new Map(members).set('entries.index', changed));
      expect(report).toMatchObject({ ok: false, problem: { where: 'index' } });
    }
  });

  it('cannot lie, no matter who signs', async () => {
    const places = memberOf('entries.index').toString('latin1').split('\n').slice(0, -1);
    const lies = [
      places.with(2, indexLine({ seq: 1, offset: 7 }).trimEnd()),
      places.slice(0, -1),
      [...places, places.at(-1) ?? ''],
      places.toReversed(),
    ];
    for (const lie of lies) {
      const index = Buffer.from(lie.map((line) => `${line}\n`).join(''));
      const report = await verifiedSigned(new Map(members).set('entries.index', index));
      expect(report).toMatchObject({ ok: false, problem: { where: 'manifest' } });
    }
  });

  it('that lies sends no reader to other entries', async () => {
    const places = memberOf('entries.index').toString('latin1').split('\n').slice(0, -1);
    const rotated = [...places.slice(2), ...places.slice(0, 2)];
    const shifted = places.map((_, at) => indexLine({ seq: at * 10 + 1, offset: at * 1000 }).trimEnd());
    const path = join(directory, 'lying.tar');
    for (const lie of [places, rotated, shifted, places.map(() => 'x'.repeat(33)), []]) {
      const index = Buffer.from(lie.map((line) => `${line}\n`).join(''));
      await writeFile(path, pack(new Map(members).set('entries.index', index)));
      const file = await open(path);
      try {
        for (const afterSeq of [0, 1, 270, 500, lines.length - 1, lines.length]) {
          const page = await readSealedEntries(file, { afterSeq, limit: 2 });
          expect(page.entries.map(({ entry }) => entry.seq)).toEqual(
            [afterSeq + 1, afterSeq + 2].filter((seq) => seq <= lines.length),
          );
        }
      } finally {
        await file.close();
      }
    }
  });
});

describe('a container', () => {
  it('of one format with a manifest of the other is none', async () => {
    const first = await asContainer1(members, sealed.privateJwk);
    expect(await verified(first)).toMatchObject({ ok: true });
    const mixed: Members = new Map();
    for (const [name, bytes] of members) mixed.set(name, first.get(name) ?? bytes);
    expect(await verified(mixed)).toMatchObject({ problem: { where: 'manifest' } });
    const without = new Map(members);
    without.delete('entries.index');
    expect(await verified(without)).toMatchObject({
      problem: { where: expect.stringContaining('archive byte'), what: expect.stringContaining('entries.index') },
    });
  });

  it('has segments that are one frame in the form of the format', async () => {
    const raw = await rawSegment();
    const forms = [
      Buffer.concat([framed(raw), SKIPPABLE]),
      zstdCompressSync(raw, { params: { 200: 0 } }),
      Buffer.concat([framed(raw.subarray(0, 100)), framed(raw.subarray(100))]),
    ];
    for (const bytes of forms) {
      const changed = new Map(members).set('segments/000001.zst', bytes);
      const report = await verified(
        await signedAnew(changed, sealed.privateJwk, (manifest) => segmentOf(manifest, bytes)),
      );
      expect(report).toMatchObject({ ok: false, problem: { where: 'segment 1' } });
    }
    const good = framed(raw);
    const changed = new Map(members).set('segments/000001.zst', good);
    const signed = await signedAnew(changed, sealed.privateJwk, (manifest) => segmentOf(manifest, good));
    expect(await verified(signed)).toMatchObject({ ok: true });
  });
});

async function rawSegment(): Promise<Buffer> {
  const file = await SealedFile.open(sealed.path);
  if (!(file instanceof SealedFile)) throw new Error(file.problem.what);
  const parts: Buffer[] = [];
  for await (const part of file.segment(1)) parts.push(part);
  await file.close();
  return Buffer.concat(parts);
}

function segmentOf(manifest: Manifest, bytes: Buffer): Manifest {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { ...manifest, segments: manifest.segments.map((one) => ({ ...one, bytes: bytes.length, sha256 })) };
}
