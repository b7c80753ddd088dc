import { verify, createPublicKey } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadEnvelopeKey } from './envelope.js';
import { readOrMakeKeyFile } from './key-files.js';
import { makeJwkText } from './okp-jwk.js';
import { loadSealKey } from './seal-key.js';

function newDirectory(): string {
  const scratch = mkdtempSync(join(tmpdir(), 'doorwarden-keys-'));
  onTestFinished(() => rmSync(scratch, { recursive: true }));
  return join(scratch, 'keys');
}

it('makes a key at the first start and uses it from then on', () => {
  const KEYS_DIR = newDirectory();
  const first = loadSealKey({ KEYS_DIR });
  expect(loadSealKey({ KEYS_DIR }).kid).toBe(first.kid);
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

it('refuses a key file that others can read', () => {
  const KEYS_DIR = newDirectory();
  loadEnvelopeKey({ KEYS_DIR });
  chmodSync(join(KEYS_DIR, 'envelope.jwk'), 0o644);
  expect(() => loadEnvelopeKey({ KEYS_DIR })).toThrow(/chmod 600/);
});

it('prefers the key that is configured and makes no file', () => {
  const KEYS_DIR = newDirectory();
  const ENVELOPE_KEY = makeJwkText('X25519');
  const { kid } = loadEnvelopeKey({ KEYS_DIR, ENVELOPE_KEY }).publicJwk;
  expect(loadEnvelopeKey({ KEYS_DIR: newDirectory(), ENVELOPE_KEY }).publicJwk.kid).toBe(kid);
  expect(() => readdirSync(KEYS_DIR)).toThrow(/ENOENT/);
});

it.each(['', '{}', 'hunter2', makeJwkText('Ed25519')])('says which key is wrong without showing it', (text) => {
  const KEYS_DIR = newDirectory();
  expect(() => loadEnvelopeKey({ KEYS_DIR, ENVELOPE_KEY: text })).toThrow(
    'ENVELOPE_KEY does not hold a private X25519 key as a JWK.',
  );
});

it('publishes the public half only', () => {
  const KEYS_DIR = newDirectory();
  expect(Object.keys(loadSealKey({ KEYS_DIR }).publicJwk).sort()).toEqual(['crv', 'kid', 'kty', 'x']);
  expect(Object.keys(loadEnvelopeKey({ KEYS_DIR }).publicJwk).sort()).toEqual(['crv', 'kid', 'kty', 'x']);
});

it('signs so that the public half verifies', () => {
  const key = loadSealKey({ KEYS_DIR: newDirectory() });
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
