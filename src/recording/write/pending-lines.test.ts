import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PendingLines } from './pending-lines.js';
import { inScratch } from '../testing/recordings.js';

test('numbers are as JSON has them', () => {
  const number = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  fc.assert(
    fc.property(number, (value) => {
      const lines = new PendingLines();
      lines.begin(100);
      lines.number(value);
      expect(JSON.parse(lines.end().toString())).toBe(value === 0 ? 0 : value);
    }),
    { examples: [[0], [9], [10], [999_999_999], [1_000_000_000], [10_000_000_001], [Number.MAX_SAFE_INTEGER], [0.5]] },
  );
});

test('lines of any lengths are written in their order, over several blocks and several writes', async () => {
  await inScratch(async (directory) => {
    const path = join(directory, 'lines');
    const fd = openSync(path, 'ax');
    const lines = new PendingLines();
    let expected = '';
    const lengths = [1, 40_000, 40_000, 200_000, 3, 30_000, 70_000, 0, 65_000];
    for (const [index, length] of [...lengths, ...lengths].entries()) {
      const text = `${index}`.repeat(length);
      expect(lines.add(text).toString()).toBe(text);
      expected += `${text}\n`;
      if (index % 4 === 0) lines.write(fd);
      if (index === lengths.length) lines.clear();
      if (index === lengths.length) expected = readFileSync(path, 'utf8');
    }
    lines.write(fd);
    expect(lines.waitingBytes).toBe(0);
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe(expected);
    await Promise.resolve();
  });
});
