import { expect, it } from 'vitest';
import { countedAddress } from './counted-address.js';

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::ffff:cb00:7107', '203.0.113.7'],
  ['2001:db8:1:2:aaaa:bbbb:cccc:dddd', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ['fe80::1%eth0', 'fe80::/64'],
  ['::1', '::1'],
  ['', 'unknown'],
  ['203.0.113.7.example', 'unknown'],
  ['x'.repeat(1_000), 'unknown'],
])('%s is counted as %s', (ip, counted) => {
  expect(countedAddress({ ip })).toBe(counted);
});

it('a request whose peer has gone is counted too', () => {
  expect(countedAddress({ ip: undefined })).toBe('unknown');
});
