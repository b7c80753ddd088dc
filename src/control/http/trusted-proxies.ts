import { BlockList, isIP } from 'node:net';

/** Says of an address whether it is one of the proxies, or in one of the networks, that TRUSTED_PROXY names. */
export function trustedProxies(places: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const place of places) {
    const [address = '', prefix] = place.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => {
    // A server that listens for both kinds has IPv4 clients as ::ffff:10.0.0.5; a link-local address has its interface.
    const bare = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
    const version = isIP(bare);
    return version !== 0 && list.check(bare, version === 6 ? 'ipv6' : 'ipv4');
  };
}
