import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTarHeader, encodeTarHeader } from './tar.js';
import { inScratch, pack } from '../testing/recordings.js';

describe('a tar header', () => {
  it('comes back as it was for any size, also over 8 GiB', () => {
    const sizes = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(8 ** 11 - 1, 8 ** 11));
    fc.assert(
      fc.property(sizes, (size) => {
        const member = { name: 'entries.jsonl', size };
        expect(decodeTarHeader(encodeTarHeader(member))).toEqual(member);
      }),
    );
  });

  it('is refused when any bit of it is changed', () => {
    const header = encodeTarHeader({ name: 'segments/000001.zst', size: 12345 });
    for (let bit = 0; bit < header.length * 8; bit += 1) {
      const changed = Buffer.from(header);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodeTarHeader(changed), `bit ${bit}`).toBeUndefined();
    }
  });

  it('is one that tar reads, also for a size over 8 GiB', async () => {
    await inScratch(async (directory) => {
      const path = join(directory, 'a.tar');
      writeFileSync(
        path,
        pack(
          new Map([
            ['a.txt', Buffer.from('hello')],
            ['segments/000001.zst', Buffer.alloc(700)],
          ]),
        ),
      );
      expect(execFileSync('tar', ['-tf', path], { encoding: 'utf8' })).toBe('a.txt\nsegments/000001.zst\n');
      writeFileSync(path, encodeTarHeader({ name: 'big', size: 9 * 1024 ** 3 }));
      const listed = execFileSync('bash', ['-c', `tar -tvf "${path}" 2>/dev/null || true`], { encoding: 'utf8' });
      expect(listed).toContain(String(9 * 1024 ** 3));
    });
  });
});
