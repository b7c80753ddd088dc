import { expect, it } from 'vitest';
import { trustedProxies } from './trusted-proxies.js';

const isTrusted = trustedProxies(['10.0.0.5', '10.1.0.0/16', '2001:db8::/32']);

it.each(['10.0.0.5', '::ffff:10.0.0.5', '10.1.255.255', '2001:db8::1', '2001:db8:ffff::1%eth0'])(
  'trusts %s',
  (address) => expect(isTrusted(address)).toBe(true),
);

it.each(['10.0.0.6', '10.2.0.0', '127.0.0.1', '::1', '2001:db9::1', '', 'proxy', undefined, '10.0.0.5, 10.0.0.5'])(
  'does not trust %j',
  (address) => expect(isTrusted(address)).toBe(false),
);

it('trusts nobody when none is named', () => {
  for (const address of ['127.0.0.1', '::1']) expect(trustedProxies([])(address)).toBe(false);
});
