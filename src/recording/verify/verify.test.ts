import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, lstat, mkdir, mkdtemp, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tmpdir } from 'node:os';
import { rounds } from '../../../test/support/rounds.js';
import { systemClock } from '../../kernel/clock.js';
import { encodeManifest, decodeManifest, manifestSchema } from '../seal/manifest.js';
import { removeLive, sealRecording } from '../seal/seal.js';
import { generateSealKey, jwkSigner } from '../seal/signer.js';
import {
  grantClosed,
  grantOpened,
  inScratch,
  pack,
  recordLive,
  sealFixture,
  unpack,
  type Members,
  type SealedFixture,
} from '../testing/recordings.js';
import { asContainer1, entriesOf, verifyBothWays, withEntries } from '../testing/sealed-members.js';
import { RecordingWriter } from '../write/writer.js';
import { verifyRecording, type VerificationReport } from './verify.js';
import { NO_PROTOCOLS as protocols } from '../recorded-protocol.js';

let directory: string;
let sealed: SealedFixture;
let original: Buffer;
let members: Members;
let lines: readonly string[];

async function makeSealed(container: number): Promise<void> {
  directory = await mkdtemp(join(tmpdir(), 'doorwarden-verify-'));
  sealed = await sealFixture(directory, { statements: 6, responseBytes: 1_400, limits: { segmentBytesMax: 4_000 } });
  members = await unpack(sealed.path);
  if (container === 1) {
    members = await asContainer1(members, sealed.privateJwk);
    await writeFile(sealed.path, pack(members));
  }
  original = await readFile(sealed.path);
  lines = (await entriesOf(members)).split('\n').slice(0, -1);
}

async function verifyBytes(bytes: Buffer): Promise<VerificationReport> {
  const path = join(directory, 'changed.tar');
  await writeFile(path, bytes);
  return verifyBothWays(path);
}

/** What is wrong when the archive holds these lines instead, packed again but not signed again. */
async function problemWithLines(changed: readonly string[]): Promise<string> {
  return problemWithEntries(changed.map((line) => `${line}\n`).join(''));
}

async function problemWithEntries(entries: string | Buffer): Promise<string> {
  const report = await verifyBytes(pack(await withEntries(members, entries)));
  return report.ok ? 'none' : report.problem.where;
}

const someLine = (): fc.Arbitrary<number> => fc.nat(lines.length - 1);

describe.each([1, 2])('verifying a sealed recording in a container of format %i', (container) => {
  beforeAll(() => makeSealed(container));
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('holds for one that nobody touched and says what it holds', async () => {
    const expected = {
      grant: '01JTEST',
      sha256: createHash('sha256')
        .update(await readFile(sealed.path))
        .digest('hex'),
    };
    const report = await verifyRecording(sealed.path, {
      protocols,
      trustedKeys: [{ ...publicOf(sealed) }],
      ...expected,
    });
    expect(report).toEqual({
      ok: true,
      grant: '01JTEST',
      bodiesUnchecked: 'mysql',
      entries: lines.length,
      segments: 3,
      keyId: sealed.report.keyId,
      keyTrusted: true,
      damage: null,
      bytes: original.length,
    });
    expect(await verifyRecording(sealed.path, { protocols })).toMatchObject({ ok: true, keyTrusted: false });
  });

  it('does not hold as the recording of another grant, or as a file with another digest', async () => {
    expect(await verifyRecording(sealed.path, { protocols, grant: '01OTHER' })).toMatchObject({
      ok: false,
      problem: { where: 'grant', what: 'It is the recording of grant 01JTEST, not of 01OTHER.' },
    });
    expect(await verifyRecording(sealed.path, { protocols, sha256: '0'.repeat(64) })).toMatchObject({
      ok: false,
      problem: { where: 'file', what: expect.stringContaining('SHA-256') },
    });
  });

  it('finds the same with threads as without, and leaves none behind', { timeout: 30_000 }, async () => {
    const threads = { threadsFromBytes: 0 };
    expect(await verifyRecording(sealed.path, { protocols, ...threads })).toEqual(
      await verifyRecording(sealed.path, { protocols }),
    );
    const path = join(directory, 'threads.tar');
    for (const index of [0, 5, lines.length - 1]) {
      const changed = lines.with(index, (lines[index] ?? '').replace(/"mono":(\d)/, '"mono":9$1'));
      const entries = Buffer.from(changed.map((line) => `${line}\n`).join(''));
      await writeFile(path, pack(await withEntries(members, entries)));
      expect(await verifyRecording(path, { protocols, ...threads })).toEqual(
        await verifyRecording(path, { protocols }),
      );
    }
    const second = Buffer.from(members.get('segments/000002.zst') ?? '');
    second[20] = (second[20] ?? 0) ^ 1;
    await writeFile(path, pack(new Map(members).set('segments/000002.zst', second)));
    expect(await verifyRecording(path, { protocols, ...threads })).toMatchObject({ problem: { where: 'segment 2' } });
    expect(process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker')).toEqual([]);
  });

  it('fails for any flipped bit anywhere in the file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length - 1), fc.nat(7), async (at, bit) => {
        const changed = Buffer.from(original);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expect((await verifyBytes(changed)).ok).toBe(false);
      }),
      { numRuns: rounds(400) },
    );
  });

  it('fails when the file is cut at any byte or longer by any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length - 1), async (at) => {
        expect((await verifyBytes(original.subarray(0, at))).ok).toBe(false);
      }),
      { numRuns: rounds(100) },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ minLength: 1 }), fc.constant(Buffer.alloc(512))), async (more) => {
        expect((await verifyBytes(Buffer.concat([original, more]))).ok).toBe(false);
      }),
      { numRuns: rounds(20) },
    );
  });

  it('names the line in which any bit was flipped', async () => {
    await fc.assert(
      fc.asyncProperty(
        someLine(),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.nat(6),
        async (index, part, bit) => {
          const line = Buffer.from(lines[index] ?? '');
          const at = Math.floor(part * line.length);
          line[at] = (line[at] ?? 0) ^ (1 << bit);
          expect(await problemWithLines(lines.with(index, line.toString('latin1')))).toBe(`entry ${index + 1}`);
        },
      ),
      { numRuns: rounds(300) },
    );
  });

  it('names a line whose text was replaced by other valid JSON', async () => {
    for (const [index, line] of lines.entries()) {
      const changed = line.replace(/"mono":(\d+)/, (_, mono: string) => `"mono":${Number(mono) + 1}`);
      expect(await problemWithLines(lines.with(index, changed)), line).toBe(`entry ${index + 1}`);
      const prev = line.replace(/"prev":"./, (start) =>
        start.endsWith('0') ? `${start.slice(0, -1)}1` : `${start.slice(0, -1)}0`,
      );
      expect(await problemWithLines(lines.with(index, prev)), line).toBe(`entry ${index + 1}`);
    }
  });

  it('names the first line that was dropped', async () => {
    for (let index = 0; index < lines.length; index += 1) {
      expect(await problemWithLines(lines.toSpliced(index, 1))).toBe(`entry ${index + 1}`);
    }
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(someLine(), { minLength: 1 }), async (dropped) => {
        const kept = lines.filter((_, index) => !dropped.includes(index));
        expect(await problemWithLines(kept)).toBe(`entry ${Math.min(...dropped) + 1}`);
      }),
      { numRuns: rounds(100) },
    );
  });

  it('names the repeat of a line that was doubled', async () => {
    for (let index = 0; index < lines.length; index += 1) {
      expect(await problemWithLines(lines.toSpliced(index, 0, lines[index] ?? ''))).toBe(`entry ${index + 2}`);
    }
  });

  it('names the first of two lines that were swapped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(someLine(), { minLength: 2, maxLength: 2 }), async ([a = 0, b = 0]) => {
        const swapped = lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '');
        expect(await problemWithLines(swapped)).toBe(`entry ${Math.min(a, b) + 1}`);
      }),
      { numRuns: rounds(100) },
    );
  });

  it('names a line that was added in the right form, before or after the true one', async () => {
    for (let index = 1; index < lines.length - 1; index += 1) {
      const forged = (lines[index] ?? '').replace(/"mono":(\d+)/, (_, mono: string) => `"mono":${Number(mono) + 1}`);
      expect(await problemWithLines(lines.toSpliced(index, 0, forged))).toBe(`entry ${index + 1}`);
      expect(await problemWithLines(lines.toSpliced(index + 1, 0, forged))).toBe(`entry ${index + 2}`);
    }
    expect(await problemWithLines([...lines, lines.at(-1) ?? ''])).toBe(`entry ${lines.length + 1}`);
  });

  it('names the line that has lost its end', async () => {
    const whole = lines.join('\n');
    expect(await problemWithEntries(whole)).toBe(container === 1 ? `entry ${lines.length}` : 'frame 1');
    expect(await problemWithEntries(`${whole}\n{`)).toBe(container === 1 ? `entry ${lines.length + 1}` : 'frame 1');
  });

  it('names a segment that was changed, dropped or added', async () => {
    const second = members.get('segments/000002.zst');
    if (second === undefined) throw new Error('The recording has two segments.');
    const changed = Buffer.from(second);
    changed[20] = (changed[20] ?? 0) ^ 1;
    expect(await verifyBytes(pack(new Map(members).set('segments/000002.zst', changed)))).toMatchObject({
      problem: { where: 'segment 2' },
    });
    const fewer = new Map(members);
    fewer.delete('segments/000003.zst');
    expect(await verifyBytes(pack(fewer))).toMatchObject({ problem: { where: 'segment 3' } });
    expect(await verifyBytes(pack(new Map(members).set('segments/000004.zst', second)))).toMatchObject({
      problem: { where: 'segment 4' },
    });
  });

  it('does not take a manifest in another form, or one that says other things than the entries', async () => {
    const manifest = decodeManifest(members.get('manifest.json') ?? Buffer.alloc(0));
    if ('wrong' in manifest) throw new Error(manifest.wrong);
    const signer = await jwkSigner(sealed.privateJwk);
    const resigned = async (bytes: Buffer): Promise<VerificationReport> => {
      const jws = Buffer.from(await signer.sign(bytes));
      return verifyBytes(pack(new Map(members).set('manifest.json', bytes).set('manifest.jws', jws)));
    };
    expect(await resigned(encodeManifest(manifest))).toMatchObject({ ok: true });
    expect(await resigned(Buffer.from(JSON.stringify(manifest)))).toMatchObject({ problem: { where: 'manifest' } });
    const said = JSON.stringify(manifest);
    for (const [from, to] of [
      [/"(statements|operations)":6/, '"$1":5'],
      [/"grant":"01JTEST"/, '"grant":"other"'],
      [/"closeReason":"completed"/, '"closeReason":"expired"'],
      [/"merkleRoot":"\w+"/, `"merkleRoot":"${'0'.repeat(64)}"`],
      [/"sha256":"\w+","firstAt"/, `"sha256":"${'0'.repeat(64)}","firstAt"`],
      [/"keyId":"[^"]+"/, '"keyId":"other"'],
    ] as const) {
      expect(said).toMatch(from);
      const changed = manifestSchema.parse(JSON.parse(said.replace(from, to)));
      expect(await resigned(encodeManifest(changed))).toMatchObject({ ok: false, problem: { where: 'manifest' } });
    }
  });

  it('finds a recording that was signed again with another key, once it knows the keys', async () => {
    const stranger = await jwkSigner(await generateSealKey());
    const old = decodeManifest(members.get('manifest.json') ?? Buffer.alloc(0));
    if ('wrong' in old) throw new Error(old.wrong);
    const manifest = encodeManifest({ ...old, keyId: stranger.keyId });
    const jws = Buffer.from(await stranger.sign(manifest));
    const path = join(directory, 'resigned.tar');
    await writeFile(path, pack(new Map(members).set('manifest.json', manifest).set('manifest.jws', jws)));
    expect(await verifyRecording(path, { protocols })).toMatchObject({
      ok: true,
      keyTrusted: false,
      keyId: stranger.keyId,
    });
    const report = await verifyRecording(path, { protocols, trustedKeys: [{ ...publicOf(sealed) }] });
    expect(report).toMatchObject({ ok: false, problem: { where: 'signature' } });
    expect(report.ok ? '' : report.problem.what).toContain('signed by an unknown key');
  });

  it('is an archive that tar opens', () => {
    const listed = execFileSync('tar', ['-tf', sealed.path], { encoding: 'utf8' }).trim().split('\n');
    expect(listed).toEqual([...members.keys()]);
    const entries = container === 1 ? ['entries.jsonl'] : ['entries.jsonl.zst', 'entries.index'];
    const before = ['manifest.json', 'manifest.jws', ...entries];
    expect(listed).toEqual([...before, 'segments/000001.zst', 'segments/000002.zst', 'segments/000003.zst']);
  });
});

describe('sealing', () => {
  it('keeps a sealed file that verifies, and removes the live directory only with one', async () => {
    await inScratch(async (scratch) => {
      const { path, report, privateJwk } = await sealFixture(scratch, { statements: 2, responseBytes: 10 });
      const before = await readFile(path);
      const signer = await jwkSigner(await generateSealKey());
      const live = join(scratch, '01JTEST');
      const trustedKeys = [publicOf({ privateJwk })];
      const again = {
        grant: '01JTEST',
        directory: live,
        out: path,
        signer,
        protocols,
        trustedKeys,
        clock: systemClock,
      };
      expect(await sealRecording(again)).toEqual(report);
      expect((await readFile(path)).equals(before)).toBe(true);
      await expect(removeLive(join(scratch, 'another'), report)).rejects.toThrow('its own grant');
      await removeLive(live, report);
      await removeLive(live, report);
      await expect(readFile(join(live, 'entries.jsonl'))).rejects.toThrow('ENOENT');
    });
  });

  it('makes the file again when the one that is there does not verify', async () => {
    await inScratch(async (scratch) => {
      const { path, privateJwk } = await sealFixture(scratch, { statements: 2, responseBytes: 10 });
      await writeFile(path, (await readFile(path)).subarray(0, 2000));
      const signer = await jwkSigner(privateJwk);
      await sealRecording({
        grant: '01JTEST',
        directory: join(scratch, '01JTEST'),
        out: path,
        signer,
        protocols,
        clock: systemClock,
      });
      expect((await verifyRecording(path, { protocols })).ok).toBe(true);
    });
  });

  it.each([
    'a foreign sealed recording',
    'a recording that somebody else has signed',
    'a link',
    'a FIFO',
    'a directory',
  ])(
    'takes no file that stands in its place: %s is set aside, kept, and the file made from the live recording',
    async (what) => {
      await inScratch(async (scratch) => {
        const live = join(scratch, 'recordings', '01JTEST');
        await recordLive(live, { statements: 2, responseBytes: 10 });
        const out = `${live}.tar`;
        const other = await sealFixture(join(scratch, 'other'), { statements: 7, responseBytes: 10 });
        const otherGrant = join(scratch, 'other-grant.tar');
        await sealOf('01OTHER', scratch, otherGrant, other.privateJwk);
        const signer = await jwkSigner(other.privateJwk);
        if (what === 'a foreign sealed recording') await rename(otherGrant, out);
        if (what === 'a recording that somebody else has signed') await copyFile(other.path, out);
        if (what === 'a link') await symlink(other.path, out);
        if (what === 'a FIFO') execFileSync('mkfifo', [out]);
        if (what === 'a directory') await mkdir(out);
        const own =
          what === 'a recording that somebody else has signed' ? await jwkSigner(await generateSealKey()) : signer;
        const report = await sealRecording({
          grant: '01JTEST',
          directory: live,
          out,
          signer: own,
          protocols,
          clock: systemClock,
        });
        expect(report).toMatchObject({ ok: true, grant: '01JTEST', keyTrusted: true });
        expect((await lstat(out)).isFile()).toBe(true);
        expect(await verifyRecording(out, { protocols, grant: '01JTEST' })).toMatchObject({
          ok: true,
          entries: report.entries,
        });
        expect((await lstat(`${out}.aside-1`)).isFile()).toBe(what.includes('recording'));
      });
    },
  );

  it('refuses a live recording of another grant, and one that is reached by a link', async () => {
    await inScratch(async (scratch) => {
      const signer = await jwkSigner(await generateSealKey());
      const live = join(scratch, '01JTEST');
      await recordLive(live, { statements: 1, responseBytes: 10 });
      const seal = (grant: string, directory: string) =>
        sealRecording({ grant, directory, out: join(scratch, 'x.tar'), signer, protocols, clock: systemClock });
      await expect(seal('01OTHER', live)).rejects.toThrow('recording_mismatch');
      await symlink(live, join(scratch, 'linked'));
      await expect(seal('01JTEST', join(scratch, 'linked'))).rejects.toThrow('recording_mismatch');
      expect(await readdir(scratch)).toEqual(['01JTEST', 'linked']);
    });
  });

  it('never signs a live recording that was changed', async () => {
    await inScratch(async (scratch) => {
      const live = join(scratch, '01JTEST');
      await recordLive(live, { statements: 3, responseBytes: 100 });
      const entries = await readFile(join(live, 'entries.jsonl'), 'utf8');
      await writeFile(join(live, 'entries.jsonl'), entries.replace('SELECT 2', 'SELECT 7'));
      const signer = await jwkSigner(await generateSealKey());
      const sealing = sealRecording({
        grant: '01JTEST',
        directory: live,
        out: join(scratch, 'x.tar'),
        signer,
        protocols,
        clock: systemClock,
      });
      await expect(sealing).rejects.toThrow('entry 5');
    });
  });
});

/** A sealed recording of a grant with this id. */
async function sealOf(grant: string, scratch: string, out: string, privateJwk: JWK): Promise<void> {
  const directory = join(scratch, grant);
  const writer = await RecordingWriter.create({ directory, clock: systemClock, durability: 'process' });
  writer.append({ ...grantOpened, grant });
  writer.append({ type: 'grant.closing', reason: 'completed', by: null });
  writer.append(grantClosed());
  await writer.close();
  await sealRecording({ grant, directory, out, signer: await jwkSigner(privateJwk), protocols, clock: systemClock });
}

function publicOf({ privateJwk }: Pick<SealedFixture, 'privateJwk'>) {
  const { kty, crv, x } = privateJwk;
  return {
    ...(kty === undefined ? {} : { kty }),
    ...(crv === undefined ? {} : { crv }),
    ...(x === undefined ? {} : { x }),
  };
}
