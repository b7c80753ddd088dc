import { hash } from 'node:crypto';
import { globSync } from 'node:fs';
import { copyFile, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rounds } from '../../../test/support/rounds.js';
import { recordedBy } from '../../protocol/target-protocol.js';
import { generateSealKey } from '../../recording/seal/signer.js';
import { pack, sealFixture, unpack } from '../../recording/testing/recordings.js';
import { asContainer1, entriesOf, signedAnew, withFrames } from '../../recording/testing/sealed-members.js';
import { verifyRecording as verifyAtServer, type VerificationReport } from '../../recording/verify/verify.js';
import type { Verdict } from '../../verifier/verdict.js';
import { verifyRecording, type VerifyOptions } from '../../verifier/verify.js';
import { PROTOCOLS } from '../protocols.js';
import { damagedVariants } from './damaged-variants.fixture.js';
import { fileSource } from './file-source.js';

const FOLDER = fileURLToPath(new URL('../../../test/fixtures/recordings/', import.meta.url));
const GOLDEN = globSync('*.tar', { cwd: FOLDER }).sort();
const GENERATED = ['one segment', 'several segments', 'several frames', 'nothing kept', 'interrupted', 'container 1'];
const protocols = recordedBy(PROTOCOLS);

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'doorwarden-agreement-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the verifier that knows nothing of the broker', () => {
  it.each([...GOLDEN, ...GENERATED])('says of %s what the server says', async (name) => {
    const path = await recordingOf(name);
    const { server, verifier } = await bothOf(await readFile(path));
    expect(server).toMatchObject({ ok: true });
    expect(verifier).toMatchObject({ ...server, keyTrusted: false });
    expect(verifier.notChecked).toContain('bodies');
  });

  it.each([...GOLDEN, ...GENERATED])('names what the server names in %s once it is damaged', async (name) => {
    const path = await recordingOf(name);
    const variants = await damagedVariants(path, await readFile(path));
    const chosen = variants.filter((_, at) => at % Math.round(variants.length / rounds(variants.length)) === 0);
    const differing: unknown[] = [];
    for (const { what, bytes, inFrames } of chosen) {
      const { server, verifier } = await bothOf(bytes);
      const agree = inFrames === true ? bothRefuse(server, verifier) : placeOf(server) === placeOf(verifier);
      if (!agree) differing.push({ what, server, verifier });
    }
    expect(differing).toEqual([]);
    expect(variants.filter(({ inFrames }) => inFrames !== true).length).toBeGreaterThan(80);
  });

  it('knows the broker by its keys, and refuses what somebody else has signed', async () => {
    const { path, privateJwk } = await sealFixture(await mkdtemp(join(directory, 'keys-')), {
      statements: 2,
      responseBytes: 9,
    });
    const other = await generateSealKey();
    const trusted = [{ kty: 'RSA' }, other, { ...privateJwk, use: 'sig' }];
    expect(await verdictOf(path, { keys: trusted })).toMatchObject({ ok: true, keyTrusted: true });
    expect(await verdictOf(path, { keys: [other] })).toMatchObject({
      ok: false,
      problem: { where: 'signature', what: expect.stringContaining('signed by an unknown key') },
    });
    expect(await verdictOf(path, { keys: [] })).toMatchObject({ ok: false });
    expect((await verdictOf(path, { keys: trusted, grant: '01JTEST' })).notChecked).toEqual(['bodies', 'order']);
    expect(await verdictOf(path, { grant: '01OTHER' })).toMatchObject({ ok: false, problem: { where: 'grant' } });
  });

  it('holds the frames, the index and the segments to their one form, no matter who signs', async () => {
    const { path, privateJwk } = await sealFixture(await mkdtemp(join(directory, 'forms-')), {
      statements: 150,
      responseBytes: 9,
      text: longText,
    });
    const members = await unpack(path);
    const lines = Buffer.from(await entriesOf(members));
    const half = lines.indexOf(10, lines.length / 2) + 1;
    const parts = [lines.subarray(0, half), lines.subarray(half)];
    const framed = (content: Buffer, params = {}) =>
      zstdCompressSync(content, { pledgedSrcSize: content.length, params });
    const inFrames = (make: (part: Buffer) => Buffer) => withFrames(members, parts.map(make), parts);
    const forged = [
      inFrames((part) => framed(part)),
      inFrames((part) => framed(part, { [constants.ZSTD_c_checksumFlag]: 1 })),
      inFrames((part) => framed(part, { [constants.ZSTD_c_contentSizeFlag]: 0 })),
      inFrames((part) => Buffer.concat([Buffer.from('502a4d1804000000aaaaaaaa', 'hex'), framed(part)])),
      new Map(members).set('entries.index', Buffer.from(`${'0'.repeat(16)} ${'0'.repeat(16)}\n`)),
      await asContainer1(new Map(members).set('segments/000001.zst', framed(Buffer.alloc(9))), privateJwk),
    ];
    for (const each of forged) {
      const { server, verifier } = await bothOf(pack(await signedAnew(each, privateJwk)));
      expect(server).toMatchObject({ ok: false });
      expect(placeOf(verifier)).toBe(placeOf(server));
    }
  });

  it('tells what was damaged before the recording was sealed, and checks the bytes that are kept of it', async () => {
    const { path, privateJwk } = await sealFixture(await mkdtemp(join(directory, 'parts-')), {
      statements: 2,
      responseBytes: 9,
    });
    const kept = Buffer.from('these bytes prove nothing');
    const members = new Map(await unpack(path)).set('damaged/000001.bin', kept);
    const part = {
      name: 'damaged/000001.bin',
      file: 'entries.jsonl',
      at: 700,
      bytes: kept.length,
      sha256: hash('sha256', kept),
    };
    const damage = { where: 'entry 9', what: 'Its line is not JSON.', parts: [part] };
    const signed = await signedAnew(members, privateJwk, (manifest) => ({ ...manifest, damage }));
    const { server, verifier } = await bothOf(pack(signed));
    expect(server).toMatchObject({ ok: true, damage: { where: 'entry 9', bytes: kept.length } });
    expect(verifier).toMatchObject(server);
    const changed = await bothOf(pack(new Map(signed).set(part.name, Buffer.from('these bytes prove Nothing'))));
    expect(changed.server).toMatchObject({ ok: false, problem: { where: part.name } });
    expect(placeOf(changed.verifier)).toBe(placeOf(changed.server));
  });

  it('tells how far it is, and ends when it is aborted', async () => {
    const { path } = await sealFixture(await mkdtemp(join(directory, 'progress-')), {
      statements: 50,
      responseBytes: 99,
    });
    let last = { doneBytes: 0, totalBytes: 1 };
    await verdictOf(path, { onProgress: (progress) => void (last = progress) });
    expect(last.doneBytes).toBe(last.totalBytes);
    const reason = new Error('left the page');
    await expect(verdictOf(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

/** Frames are filled with few lines of it. */
const longText = (number: number): string => `SELECT ${number} ${'x'.repeat(2_000)}`;

async function verdictOf(path: string, options: VerifyOptions): Promise<Verdict> {
  const file = await open(path);
  try {
    return await verifyRecording(await fileSource(file), options);
  } finally {
    await file.close();
  }
}

async function bothOf(bytes: Buffer): Promise<{ readonly server: VerificationReport; readonly verifier: Verdict }> {
  const path = join(directory, 'changed.tar');
  await writeFile(path, bytes);
  return { server: await verifyAtServer(path, { protocols }), verifier: await verdictOf(path, {}) };
}

/** The verdict, and where the first thing is that does not hold. */
function placeOf(report: VerificationReport | Verdict): string {
  return report.ok ? `whole, by ${report.keyId}` : report.problem.where;
}

/** Both find an entry or a frame of the entries that does not hold. */
function bothRefuse(...reports: readonly (VerificationReport | Verdict)[]): boolean {
  return reports.every((report) => /^(frame|entry) \d+$|^frames$/.test(placeOf(report)));
}

async function recordingOf(name: string): Promise<string> {
  const path = join(directory, `${name}.tar`);
  if (GOLDEN.includes(name)) await copyFile(FOLDER + name, path);
  else await generate(name, path);
  return path;
}

async function generate(name: string, path: string): Promise<void> {
  const scratch = await mkdtemp(join(directory, 'sealed-'));
  const options = { statements: 20, responseBytes: 700 };
  const made = await sealFixture(scratch, {
    ...options,
    ...(name === 'several segments' ? { limits: { segmentBytesMax: 4_000 } } : {}),
    ...(name === 'several frames' ? { statements: 150, responseBytes: 30, text: longText } : {}),
    ...(name === 'nothing kept' ? { limits: { responseBytesPerStatementMax: 0 } } : {}),
    ...(name === 'interrupted' ? { interrupted: true } : {}),
  });
  const bytes =
    name === 'container 1'
      ? pack(await asContainer1(await unpack(made.path), made.privateJwk))
      : await readFile(made.path);
  await writeFile(path, bytes);
}
