import { hexOf } from './bytes.js';

const P = 2n ** 255n - 19n;
const SIGN_BIT = 2n ** 255n;

/** The y of the points of order 1, 2, 4 and 8. For such a key anybody can make a signature of anything. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
]);

/**
 * Says whether these 32 bytes may be the key of a seal: in the one encoding (RFC 8032, 5.1.2: y below the prime), and no
 * point of small order. Implementations of Ed25519 differ in whether they take either.
 */
export function isKeyPoint(bytes: Uint8Array): boolean {
  if (bytes.length !== 32) return false;
  const y = BigInt(`0x${hexOf(bytes.toReversed())}`) % SIGN_BIT;
  return y < P && !SMALL_ORDER_Y.has(y);
}
