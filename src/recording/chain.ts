import { hash } from 'node:crypto';
import type { ChainFields } from './entries.js';

/** The `prev` of the first line. */
export const CHAIN_START = '0'.repeat(64);

/** The digest that the next line carries as `prev`: SHA-256 over the line's exact bytes without its newline, hex. */
export function chainHash(line: Uint8Array | string): string {
  return hash('sha256', line);
}

/** Joins the chain fields and an entry body that is already JSON (`{…}` with at least one field) to one line. */
export function chainLine(fields: ChainFields, bodyJson: string): string {
  return `{"seq":${fields.seq},"prev":"${fields.prev}","at":"${fields.at}","mono":${fields.mono},${bodyJson.slice(1)}`;
}
