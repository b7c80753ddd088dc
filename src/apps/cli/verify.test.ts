import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { generateSealKey } from '../../recording/seal/signer.js';
import { inScratch, pack, sealFixture, unpack, type SealedFixture } from '../../recording/testing/recordings.js';
import { entriesOf, withEntries } from '../../recording/testing/sealed-members.js';
import { runVerify } from './verify-work.js';

interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

async function verify(file: string, options: unknown = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const exitCode = await runVerify(file, options, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    errIsTerminal: false,
  });
  return { exitCode, out, err };
}

function withSealed(use: (sealed: SealedFixture, directory: string) => Promise<void>): Promise<void> {
  return inScratch(async (directory) => {
    await use(await sealFixture(directory, { statements: 3, responseBytes: 50 }), directory);
  });
}

async function writeKeys(directory: string, key: JWK): Promise<string> {
  const path = join(directory, 'keys.json');
  const { kty, crv, x } = key;
  await writeFile(path, JSON.stringify({ keys: [{ kty, crv, x, alg: 'EdDSA', use: 'sig' }] }));
  return path;
}

/** The recording with one statement's text replaced. */
async function tamper({ path }: SealedFixture, directory: string): Promise<string> {
  const members = await unpack(path);
  const entries = await entriesOf(members);
  const tampered = join(directory, 'tampered.tar');
  await writeFile(tampered, pack(await withEntries(members, entries.replace('SELECT 2', 'SELECT 7'))));
  return tampered;
}

describe('doorwarden verify', () => {
  it('exits 0 for a whole recording, and says that it does not know who signed it', async () => {
    await withSealed(async ({ path, report }) => {
      const { exitCode, out, err } = await verify(path);
      expect([exitCode, err]).toEqual([0, '']);
      expect(out).toContain(`${path}: verifies\n  grant 01JTEST, 11 entries, 1 response segments`);
      expect(out).toContain(`signed by ${report.keyId}\n`);
      expect(out).toContain('To know who signed it, compare this key');
    });
  });

  it('exits 0 with the right keys and says that the key is one of them', async () => {
    await withSealed(async ({ path, report, privateJwk }, directory) => {
      const { exitCode, out } = await verify(path, { keys: await writeKeys(directory, privateJwk) });
      expect(exitCode).toBe(0);
      expect(out).toContain(`signed by ${report.keyId}, one of the keys you gave\n`);
      expect(out).not.toContain('To know who signed it');
    });
  });

  it('exits 1 with --grant when it is the recording of another grant', async () => {
    await withSealed(async ({ path }) => {
      expect(await verify(path, { grant: '01JTEST' })).toMatchObject({ exitCode: 0, err: '' });
      expect(await verify(path, { grant: '01m7ytqm8g9xt6m7ken4f6b9rz' })).toMatchObject({
        exitCode: 1,
        out: expect.stringContaining('It is the recording of grant 01JTEST, not of 01m7ytqm8g9xt6m7ken4f6b9rz.'),
      });
    });
  });

  it('exits 1 with --sha256 when the file has another digest', async () => {
    await withSealed(async ({ path }) => {
      const sha256 = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      expect(await verify(path, { sha256 })).toMatchObject({ exitCode: 0 });
      const other = sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
      expect(await verify(path, { sha256: other })).toMatchObject({
        exitCode: 1,
        out: expect.stringContaining(sha256),
      });
    });
  });

  it('warns when file name and content disagree about the grant', async () => {
    await withSealed(async ({ path }, directory) => {
      const named = join(directory, '01m7ytqm8g9xt6m7ken4f6b9rz.tar');
      await copyFile(path, named);
      for (const options of [{}, { json: true }]) {
        const { exitCode, err } = await verify(named, options);
        expect(exitCode).toBe(0);
        expect(err).toContain('named after grant 01m7ytqm8g9xt6m7ken4f6b9rz, and is the recording of grant 01JTEST');
      }
    });
  });

  it('exits 2 at a FIFO instead of waiting', async () => {
    await inScratch(async (directory) => {
      execFileSync('mkfifo', [join(directory, 'fifo.tar')]);
      expect(await verify(join(directory, 'fifo.tar'))).toMatchObject({
        exitCode: 2,
        err: expect.stringContaining('fifo.tar is no regular file'),
      });
    });
  });

  it('exits 1 with other keys', async () => {
    await withSealed(async ({ path }, directory) => {
      const { exitCode, out } = await verify(path, { keys: await writeKeys(directory, await generateSealKey()) });
      expect(exitCode).toBe(1);
      expect(out).toContain('does NOT verify\n  signature: The recording was signed by an unknown key');
    });
  });

  it('exits 1 for a tampered recording and names its first bad entry', async () => {
    await withSealed(async (sealed, directory) => {
      const { exitCode, out, err } = await verify(await tamper(sealed, directory));
      expect([exitCode, err]).toEqual([1, '']);
      expect(out).toContain('does NOT verify\n  entry 5: It was changed');
    });
  });

  it('prints the report as JSON, whether it holds or not', async () => {
    await withSealed(async (sealed, directory) => {
      const { bodiesUnchecked: _, sha256: _digest, ...checked } = sealed.report;
      const whole = await verify(sealed.path, { json: true });
      expect([whole.exitCode, JSON.parse(whole.out)]).toEqual([0, { ...checked, keyTrusted: false }]);
      const tampered = await verify(await tamper(sealed, directory), { json: true });
      expect(tampered.exitCode).toBe(1);
      expect(JSON.parse(tampered.out)).toMatchObject({ ok: false, problem: { where: 'entry 5' } });
    });
  });

  it('exits 1 for a file that is no recording', async () => {
    await inScratch(async (directory) => {
      const path = join(directory, 'notes.tar');
      await writeFile(path, 'This is no archive.\n'.repeat(100));
      expect(await verify(path)).toMatchObject({ exitCode: 1, out: expect.stringContaining('archive byte 0') });
      await writeFile(path, '');
      expect(await verify(path)).toMatchObject({ exitCode: 1 });
    });
  });

  it('exits 2 for a file that cannot be read, and says so on standard error', async () => {
    await inScratch(async (directory) => {
      expect(await verify(join(directory, 'missing.tar'))).toMatchObject({
        exitCode: 2,
        out: '',
        err: expect.stringContaining('doorwarden verify: ENOENT'),
      });
      await mkdir(join(directory, 'folder.tar'));
      expect(await verify(join(directory, 'folder.tar'))).toMatchObject({ exitCode: 2, out: '' });
    });
  });

  it('exits 2 for keys that cannot be read', async () => {
    await withSealed(async ({ path }, directory) => {
      const keys = join(directory, 'keys.json');
      expect(await verify(path, { keys })).toMatchObject({ exitCode: 2, err: expect.stringContaining('ENOENT') });
      await writeFile(keys, '{');
      expect(await verify(path, { keys })).toMatchObject({ exitCode: 2, err: expect.stringContaining('not JSON') });
      await writeFile(keys, '{"keys":7}');
      expect(await verify(path, { keys })).toMatchObject({
        exitCode: 2,
        err: expect.stringContaining('not a JSON Web'),
      });
    });
  });

  it('leaves the file as it is', async () => {
    await withSealed(async ({ path }) => {
      const before = await readFile(path);
      await verify(path);
      expect((await readFile(path)).equals(before)).toBe(true);
    });
  });
});
