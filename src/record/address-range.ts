import { isIPv4, isIPv6 } from 'node:net';

const IPV6_GROUPS = 8;
/** Of these anybody has as many addresses as they like (RFC 6177). */
const IPV6_GROUPS_OF_A_SITE = 4;
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The addresses that one caller has together: an IPv4 address alone, a /64 of IPv6. */
export function addressRange(address: string): string {
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIPv4(address) || !isIPv6(address)) return address;
  const [head = '', tail] = address.split('%', 1).join('').toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : IPV6_GROUPS - groups.length - after.length;
  const all = [...groups, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...after];
  const site = all.slice(0, IPV6_GROUPS_OF_A_SITE).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${site.join(':')}::/64`;
}
