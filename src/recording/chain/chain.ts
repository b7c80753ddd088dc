import { hash } from 'node:crypto';

/** The `prev` of the first line. */
export const CHAIN_START = '0'.repeat(64);

/** The digest that the next line carries as `prev`: SHA-256 over the line's exact bytes without its newline, hex. */
export function chainHash(line: Uint8Array | string): string {
  return hash('sha256', line);
}
