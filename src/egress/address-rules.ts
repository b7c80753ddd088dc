import { BlockList, isIP } from 'node:net';

/**
 * Addresses that are not on the public internet (IANA special-purpose registries, RFC 6890): private, loopback,
 * link-local, shared, documentation, translation, multicast and reserved.
 */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Of 2000::/3, in which all public addresses are: those that lead elsewhere, or embed an IPv4 address. */
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
/** Nobody can be there, even where private addresses are allowed. */
const NOWHERE_V4 = ['0.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4'];
const NOWHERE_V6 = ['::/128', 'ff00::/8'];

const notPublic = blockList(NOT_PUBLIC_V4, NOT_PUBLIC_V6);
const nowhere = blockList(NOWHERE_V4, NOWHERE_V6);
const publicV6 = blockList([], ['2000::/3']);

/** Whether the broker may connect to the address, as text without brackets. What is no address is refused. */
export function mayConnect(address: string, allowPrivateAddresses: boolean): boolean {
  const known = knownAddress(address);
  return known !== undefined && (allowPrivateAddresses || isPublic(known));
}

/** The same, where of the addresses that are not public only those of some networks (`10.1.0.0/16`, `::1`) are allowed. */
export function mayConnectWithin(networks: readonly string[]): (address: string) => boolean {
  const v6 = networks.filter((network) => network.includes(':'));
  const allowed = blockList(
    networks.filter((network) => !v6.includes(network)),
    v6,
  );
  return (address) => {
    const known = knownAddress(address);
    return known !== undefined && (isPublic(known) || allowed.check(known.plain, known.family));
  };
}

interface KnownAddress {
  readonly plain: string;
  readonly family: 'ipv4' | 'ipv6';
}

/** Undefined: no address, or one at which nobody can be. */
function knownAddress(address: string): KnownAddress | undefined {
  const plain = embeddedV4(address) ?? address;
  const version = isIP(plain);
  if (version === 0) return undefined;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return nowhere.check(plain, family) ? undefined : { plain, family };
}

function isPublic({ plain, family }: KnownAddress): boolean {
  return !notPublic.check(plain, family) && (family === 'ipv4' || publicV6.check(plain, family));
}

/** The address inside one of IPv6 that only means it (`::ffff:10.0.0.1`, also in its hexadecimal spelling). */
function embeddedV4(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  const host = URL.parse(`http://[${address.split('%', 1).join('')}]`)?.hostname ?? '';
  const words = /^\[::ffff:(?<high>[0-9a-f]{1,4}):(?<low>[0-9a-f]{1,4})\]$/.exec(host)?.groups;
  if (words === undefined) return undefined;
  const high = Number.parseInt(words['high'] ?? '', 16);
  const low = Number.parseInt(words['low'] ?? '', 16);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

function blockList(v4: readonly string[], v6: readonly string[]): BlockList {
  const list = new BlockList();
  for (const [networks, family] of [
    [v4, 'ipv4'],
    [v6, 'ipv6'],
  ] as const) {
    for (const network of networks) {
      const [address = '', bits] = network.split('/');
      if (bits === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(bits), family);
    }
  }
  return list;
}
