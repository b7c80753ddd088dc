import { expect, it } from 'vitest';
import { addressProblem } from './webhook-address.js';

const STRICT = { WEBHOOK_ALLOWED_NETWORKS: [], WEBHOOK_ALLOW_HTTP: 'false', WEBHOOK_INCLUDE: 'none' } as const;

it.each([
  ['ftp://hooks.example.com', 'must begin with https'],
  ['hooks', 'must begin with https'],
  ['http://hooks.example.com', 'WEBHOOK_ALLOW_HTTP'],
  ['https://me:secret@hooks.example.com', 'user name'],
  ['https://hooks.example.com/#x', 'fragment'],
  ['https://10.0.0.1/', 'not public'],
  ['https://[::1]/', 'not public'],
  ['https://2130706433/', 'not public'],
  ['https://[::ffff:169.254.169.254]/', 'not public'],
])('refuses %s', (address, why) => {
  expect(addressProblem(address, STRICT)).toContain(why);
});

it('takes what is public, and what the environment allows', () => {
  expect(addressProblem('https://hooks.example.com/a?b=c', STRICT)).toBeNull();
  expect(addressProblem('https://93.184.216.34/', STRICT)).toBeNull();
  const loose = { ...STRICT, WEBHOOK_ALLOWED_NETWORKS: ['127.0.0.0/8'], WEBHOOK_ALLOW_HTTP: 'true' } as const;
  expect(addressProblem('http://127.0.0.1:9000/', loose)).toBeNull();
  expect(addressProblem('http://10.0.0.1/', loose)).toContain('not public');
});
