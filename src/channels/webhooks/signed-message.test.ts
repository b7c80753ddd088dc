import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { newWebhookSecret } from '../../keys/webhook-secret.js';
import { signedHeaders } from './signed-message.js';

const [FIRST, SECOND, OTHER] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()];
const body = JSON.stringify({
  type: 'grant.active',
  timestamp: '2026-11-29T12:00:00.000Z',
  data: { title: 'ünïcode 🔑' },
});
const message = (ageMs = 0) => ({ id: '01k0000000000000000000000a', body, sentAtMs: Date.now() - ageMs });

it('verifies with either of two secrets, and with no other', () => {
  const headers = { ...signedHeaders(message(), [FIRST, SECOND]) };
  expect(new Webhook(FIRST).verify(body, headers)).toEqual(JSON.parse(body));
  expect(new Webhook(SECOND).verify(body, headers)).toEqual(JSON.parse(body));
  expect(() => new Webhook(OTHER).verify(body, headers)).toThrow('No matching signature');
});

it('does not verify with another body, another id, or an old time', () => {
  const headers = { ...signedHeaders(message(), [FIRST]) };
  const hook = new Webhook(FIRST);
  expect(() => hook.verify(`${body} `, headers)).toThrow('No matching signature');
  expect(() => hook.verify(body, { ...headers, 'webhook-id': 'another' })).toThrow('No matching signature');
  expect(() => hook.verify(body, { ...signedHeaders(message(360_000), [FIRST]) })).toThrow('too old');
});
