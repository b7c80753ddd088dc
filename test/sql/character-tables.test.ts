import type { RowDataPacket } from 'mysql2';
import { expect, test } from 'vitest';
import { charactersOf, NO_CHARACTER } from '../../src/protocols/mysql/charset/character-sets.js';
import { UPPER_HALVES } from '../../src/protocols/mysql/charset/character-tables.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';

const BYTES = Array.from({ length: 256 }, (_, byte) => byte);

test.each(engines())('every byte of a single-byte character set is what $flavour $version reads', async (engine) => {
  const read = await withMysql2(rootLogin(engine), async (client) => {
    const found = new Map<string, string>();
    for (const name of UPPER_HALVES.keys()) {
      const columns = BYTES.map(
        (byte) => `HEX(CONVERT(CONVERT(x'${hex(byte)}' USING ${name}) USING utf8mb4)) AS b${byte}`,
      );
      const [rows] = await client.query<RowDataPacket[]>(`SELECT ${columns.join(', ')}`);
      found.set(
        name,
        Object.values(rows[0] ?? {})
          .map((value, byte) => characterOf(String(value), byte))
          .join(''),
      );
    }
    return found;
  });
  for (const [name, characters] of read) expect(charactersOf(Buffer.from(BYTES), name), name).toBe(characters);
});

/** A server writes a question mark where a byte is no character. */
function characterOf(value: string, byte: number): string {
  return value === '3F' && byte !== 0x3f ? NO_CHARACTER : Buffer.from(value, 'hex').toString('utf8');
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
