import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runVerify } from '../../src/apps/cli/verify-work.js';
import { generateSealKey } from '../../src/recording/seal/signer.js';
import { pack, sealFixture, unpack, type SealedFixture } from '../../src/recording/testing/recordings.js';
import { signedAnew } from '../../src/recording/testing/sealed-members.js';
import { ROOT } from '../support/folders.js';

let folder: string;
let sealed: SealedFixture;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorwarden-program-'));
  await copyFile(join(ROOT, 'dist', 'verify.mjs'), join(folder, 'verify.mjs'));
  sealed = await sealFixture(folder, { statements: 5, responseBytes: 100 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The program alone in its folder: nothing of the broker and no package can be found from there. */
function run(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['verify.mjs', ...args], { cwd: folder }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

/** The exit code of `doorwarden verify`. */
function codeOfCommand(path: string, options = {}): Promise<number> {
  return runVerify(path, options, { out: () => undefined, err: () => undefined, errIsTerminal: false });
}

it('is one file, which needs nothing but what Node.js has', async () => {
  const text = await readFile(join(folder, 'verify.mjs'), 'utf8');
  const imported = [...text.matchAll(/^import .* from "([^"]+)"/gm)].map(([, name]) => name);
  expect(imported.length).toBeGreaterThan(0);
  expect(imported.filter((name) => name?.startsWith('node:') !== true)).toEqual([]);
  for (const name of ['fzstd', '@noble/hashes']) expect(text).toContain(`${name} `);
});

it('verifies a recording, and says who signed and what it did not look at', async () => {
  const whole = await run(sealed.path);
  expect(whole).toMatchObject({ code: 0, err: '' });
  expect(whole.out).toContain(`verifies\n  grant 01JTEST, ${sealed.report.entries} entries`);
  expect(whole.out).toContain('Not looked at by this program:');
  const { kty, crv, x } = sealed.privateJwk;
  const keys = join(folder, 'keys.json');
  await writeFile(keys, JSON.stringify({ keys: [{ kty, crv, x, kid: sealed.report.keyId, use: 'sig' }] }));
  const known = await run(sealed.path, '--keys', 'keys.json', '--grant', '01JTEST', '--json');
  expect(JSON.parse(known.out)).toMatchObject({ ok: true, keyTrusted: true, notChecked: ['bodies', 'order'] });
});

it('ends with the exit codes of doorwarden verify', async () => {
  const bytes = await readFile(sealed.path);
  const members = await unpack(sealed.path);
  const kept = Buffer.from('kept');
  const part = { name: 'damaged/000001.bin', file: 'entries.jsonl', at: 7, bytes: 4, sha256: hash('sha256', kept) };
  const withPart = await signedAnew(new Map(members).set(part.name, kept), sealed.privateJwk, (manifest) => ({
    ...manifest,
    damage: { where: 'entry 9', what: 'Its line is not JSON.', parts: [part] },
  }));
  const other = join(folder, 'other.json');
  const { kty, crv, x } = await generateSealKey();
  await writeFile(other, JSON.stringify({ keys: [{ kty, crv, x }] }));
  await writeFile(join(folder, 'cut.tar'), bytes.subarray(0, 3_000));
  await writeFile(join(folder, 'parts.tar'), pack(withPart));
  await writeFile(join(folder, 'no-keys.json'), '[]');
  const cases = [
    { file: sealed.path, code: 0 },
    { file: join(folder, 'cut.tar'), code: 1 },
    { file: sealed.path, keys: other, code: 1 },
    { file: join(folder, 'missing.tar'), code: 2 },
    { file: folder, code: 2 },
    { file: sealed.path, keys: join(folder, 'no-keys.json'), code: 2 },
    { file: join(folder, 'parts.tar'), code: 3 },
  ];
  for (const { file, keys, code } of cases) {
    const ran = await run(file, ...(keys === undefined ? [] : ['--keys', keys]));
    expect({ file, keys, code: ran.code }).toEqual({ file, keys, code });
    expect(await codeOfCommand(file, keys === undefined ? {} : { keys })).toBe(code);
    if (code === 2) expect(ran.err).toMatch(/^verify\.mjs: .+\n$/);
  }
  expect(await run()).toMatchObject({ code: 2, out: '' });
  expect(await run('a', 'b')).toMatchObject({ code: 2 });
  expect(await run('--unknown', 'a')).toMatchObject({ code: 2 });
  expect((await run('--help')).out).toContain('Usage: node verify.mjs FILE');
});
