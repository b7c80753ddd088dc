import { isIP } from 'node:net';
import { normalizeIp } from '@nestjs/throttler';
import type { Request } from 'express';

/** IPv6 hosts get a /64 for themselves: who has one address of it has them all. */
const IPV6_PREFIX_BITS = 64;

/**
 * The address that a request is counted for: its peer's, or the one that a trusted proxy names (Express's `trust proxy`).
 * An IPv4 address in the form of IPv6 is that IPv4 address.
 */
export function countedAddress({ ip }: Pick<Request, 'ip'>): string {
  // A socket that is gone already has no address, and a proxy may pass on anything; all such requests share a bucket.
  if (ip === undefined || isIP(ip.replace(/%.*$/, '')) === 0) return 'unknown';
  return normalizeIp(ip, IPV6_PREFIX_BITS);
}
