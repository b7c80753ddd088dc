import { verify, createPublicKey } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadEnvelopeKey } from './envelope.js';
import { readOrMakeKeyFile } from './key-files.js';
import { makeJwkText, parsePrivateJwk } from './okp-jwk.js';
import { loadSealKey } from './seal-key.js';

function newDirectory(): string {
  const scratch = mkdtempSync(join(tmpdir(), 'doorwarden-keys-'));
  onTestFinished(() => rmSync(scratch, { recursive: true }));
  return join(scratch, 'keys');
}

it('makes a key at the first start and uses it from then on', async () => {
  const KEYS_DIR = newDirectory();
  const first = await loadSealKey({ KEYS_DIR });
  expect((await loadSealKey({ KEYS_DIR })).kid).toBe(first.kid);
  expect(readdirSync(KEYS_DIR)).toEqual(['seal.jwk']);
  expect(statSync(join(KEYS_DIR, 'seal.jwk')).mode & 0o777).toBe(0o600);
  expect(statSync(KEYS_DIR).mode & 0o777).toBe(0o700);
});

it('keeps the key of the process that was first when two start together', () => {
  const path = join(newDirectory(), 'envelope.jwk');
  const second = readOrMakeKeyFile(path, () => {
    expect(readOrMakeKeyFile(path, () => 'first')).toBe('first');
    return 'second';
  });
  expect(second).toBe('first');
});

it('refuses a key file that others can read', async () => {
  const KEYS_DIR = newDirectory();
  await loadEnvelopeKey({ KEYS_DIR });
  chmodSync(join(KEYS_DIR, 'envelope.jwk'), 0o644);
  await expect(loadEnvelopeKey({ KEYS_DIR })).rejects.toThrow(/chmod 600/);
});

it('prefers the key that is configured and makes no file', async () => {
  const KEYS_DIR = newDirectory();
  const ENVELOPE_KEY = makeJwkText('X25519');
  const { kid } = (await loadEnvelopeKey({ KEYS_DIR, ENVELOPE_KEY })).publicJwk;
  expect((await loadEnvelopeKey({ KEYS_DIR: newDirectory(), ENVELOPE_KEY })).publicJwk.kid).toBe(kid);
  expect(() => readdirSync(KEYS_DIR)).toThrow(/ENOENT/);
});

it.each(['', '{}', 'hunter2', makeJwkText('Ed25519')])('says which key is wrong without showing it', async (text) => {
  const KEYS_DIR = newDirectory();
  await expect(loadEnvelopeKey({ KEYS_DIR, ENVELOPE_KEY: text })).rejects.toThrow(
    'ENVELOPE_KEY does not hold a private X25519 key as a JWK.',
  );
});

it('publishes the public half only', async () => {
  const KEYS_DIR = newDirectory();
  expect(Object.keys((await loadSealKey({ KEYS_DIR })).publicJwk).sort()).toEqual(['crv', 'kid', 'kty', 'x']);
  expect(Object.keys((await loadEnvelopeKey({ KEYS_DIR })).publicJwk).sort()).toEqual(['crv', 'kid', 'kty', 'x']);
});

it('signs so that the public half verifies', async () => {
  const key = await loadSealKey({ KEYS_DIR: newDirectory() });
  const { kty, crv, x } = key.publicJwk;
  const publicKey = createPublicKey({ format: 'jwk', key: { kty, crv, x } });
  const message = Buffer.from('the last line');
  expect(verify(null, message, publicKey, key.sign(message))).toBe(true);
  expect(verify(null, Buffer.from('the lost line'), publicKey, key.sign(message))).toBe(false);
});

it('stops when the directory cannot be written', () => {
  const path = join(newDirectory(), 'a');
  readOrMakeKeyFile(path, () => 'x');
  writeFileSync(join(path, '..', 'file'), '');
  expect(() => readOrMakeKeyFile(join(path, '..', 'file', 'key'), () => 'x')).toThrow();
});

it.each([
  // The example of RFC 8037, appendix A.3; then one whose thumbprint was made with node:crypto alone.
  ['Ed25519', '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'],
  ['X25519', 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo', 'u809Vppx5ixWMOohxWr2aM3m5bD0LQ67g_GPmubQus4'],
] as const)('names a key of %s by its RFC 7638 thumbprint, which never changes', async (crv, x, kid) => {
  const key = await parsePrivateJwk(JSON.stringify({ kty: 'OKP', crv, x, d: x }), crv, 'test');
  expect(key.kid).toBe(kid);
});
