import { expect, it } from 'vitest';
import { EnvelopeKey, sealPassword } from './envelope.js';
import { makeJwkText, parsePrivateJwk } from './okp-jwk.js';
import { newWebhookSecret, openWebhookSecret, sealWebhookSecret } from './webhook-secret.js';

const ID = '01k0000000000000000000000a';
const newKey = async () => new EnvelopeKey(await parsePrivateJwk(makeJwkText('X25519'), 'X25519', 'test'));
const key = await newKey();

it('opens for its webhook and key, and for no other', async () => {
  const secret = newWebhookSecret();
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(newWebhookSecret()).not.toBe(secret);
  const sealed = await sealWebhookSecret(secret, ID, key.publicJwk);
  expect(sealed).not.toContain(secret);
  expect(await openWebhookSecret(sealed, ID, key)).toBe(secret);
  expect(await openWebhookSecret(sealed, ID.replace('a', 'b'), key)).toBeUndefined();
  expect(await openWebhookSecret(sealed, ID, await newKey())).toBeUndefined();
  expect(await openWebhookSecret(`${sealed}x`, ID, key)).toBeUndefined();
  expect(await openWebhookSecret('', ID, key)).toBeUndefined();
});

it('is never taken for the password of a target, nor the other way round', async () => {
  const label = { targetId: ID, host: 'db', port: 3306, tls: { mode: 'disabled' }, username: 'u' };
  const password = await sealPassword('secret', label, key.publicJwk);
  expect(await openWebhookSecret(password, ID, key)).toBeUndefined();
  const sealed = await sealWebhookSecret(newWebhookSecret(), ID, key.publicJwk);
  await expect(key.open(sealed, label)).rejects.toThrow('target_credential_missing');
});
