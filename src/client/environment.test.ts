import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { credentialOfFile } from './credential-file.js';
import { addressOfEnvironment } from './environment.js';

const API = 'https://doorwarden.example';

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'doorwarden-credential-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'token');
  await writeFile(file, text);
  return file;
}

it('says where the api is and who calls', () => {
  const env = { DOORWARDEN_API: API, DOORWARDEN_API_KEY: 'dw_key', DOORWARDEN_TOKEN_FILE: '' };
  expect(addressOfEnvironment(env)).toEqual({ api: API, credential: 'dw_key' });
  expect(addressOfEnvironment({ DOORWARDEN_API_KEY: 'dw_key' }).api).toBe('http://127.0.0.1:8080');
});

it('reads the file of a token each time, since tokens are renewed', async () => {
  const file = await fileWith('first\n');
  const { credential } = addressOfEnvironment({ DOORWARDEN_TOKEN_FILE: file });
  if (typeof credential !== 'function') throw new Error('It is no function');
  expect(await credential()).toBe('first');
  await writeFile(file, '  second\r\n');
  expect(await credential()).toBe('second');
});

it.each([
  ['no credential', { DOORWARDEN_API: API }, 'does not say who calls'],
  ['two credentials', { DOORWARDEN_API_KEY: 'dw_key', DOORWARDEN_TOKEN_FILE: '/token' }, 'are both set'],
])('refuses an environment with %s, and shows none', (_, env, why) => {
  expect(() => addressOfEnvironment(env)).toThrow(why);
  expect(() => addressOfEnvironment(env)).not.toThrow('dw_key');
});

it('says what is wrong with a file, and not what is in it', async () => {
  const refusal = (file: string) => Promise.resolve(credentialOfFile(file)()).catch(String);
  expect(await refusal('/nonexistent/token')).toMatch(/\/nonexistent\/token .* cannot be read: ENOENT/);
  expect(await refusal(await fileWith(' \n'))).toContain('has no API key or token in it');
  const large = await refusal(await fileWith('secret'.repeat(20_000)));
  expect(large).toContain('larger than 65536 bytes');
  expect(large).not.toContain('secretsecret');
});
