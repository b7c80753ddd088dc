import { expect, it } from 'vitest';
import { makeJwkText, parsePrivateJwk } from './okp-jwk.js';
import { ProviderKey } from './provider-key.js';

const LABEL = { provider: 'okta', issuer: 'https://idp.example', clientId: 'doorwarden' };

async function newKey(): Promise<ProviderKey> {
  return new ProviderKey(await parsePrivateJwk(makeJwkText('X25519'), 'X25519', 'a test'));
}

it('gives back what was sealed for the same provider, issuer and client', async () => {
  const key = await newKey();
  const sealed = await key.seal('s3cret', LABEL);
  expect(sealed).not.toContain('s3cret');
  expect(await key.open(sealed, LABEL)).toBe('s3cret');
});

it.each([{ provider: 'other' }, { issuer: 'https://evil.example' }, { clientId: 'x' }])(
  'opens it for no other: %o',
  async (other) => {
    const key = await newKey();
    await expect(key.open(await key.seal('s3cret', LABEL), { ...LABEL, ...other })).rejects.toThrow(/PROVIDER_KEY/);
  },
);

it('says what to do when the key is another, without the secret', async () => {
  const sealed = await (await newKey()).seal('s3cret', LABEL);
  await expect((await newKey()).open(sealed, LABEL)).rejects.toThrow(/^The client secret of okta cannot be read/);
  await expect((await newKey()).open('no JWE', LABEL)).rejects.toThrow(/okta/);
});
