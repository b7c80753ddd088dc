import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inScratch } from '../testing/recordings.js';
import { lineNear } from './line-search.js';
import { seqOfLine } from './lines.js';

const NEAR_BYTES = 64 * 1024;

function line(seq: number, bytes = 400): string {
  return `{"seq":${seq},"prev":"${'x'.repeat(bytes)}"}\n`;
}

/** What the search finds in a file of this text after some other bytes; offsets count from the text. */
async function find(text: string, seqs: readonly number[], tried?: number): Promise<readonly number[]> {
  return inScratch(async (root) => {
    const path = join(root, 'lines');
    await writeFile(path, `before\n${text}after`);
    const file = await open(path);
    try {
      const found: number[] = [];
      const range = { offset: 7, size: Buffer.byteLength(text) };
      for (const seq of seqs) {
        found.push((await lineNear(file, range, seq, tried === undefined ? undefined : tried + 7)) - 7);
      }
      return found;
    } finally {
      await file.close();
    }
  });
}

describe('the search for a line', () => {
  it('ends at a line before the wanted one, and near to it', async () => {
    const lines = Array.from({ length: 5000 }, (_, index) => line(index + 1, (index * 37) % 900));
    const text = lines.join('');
    const starts = [0];
    for (const one of lines) starts.push((starts.at(-1) ?? 0) + one.length);
    const wanted = [1, 2, 100, 2500, 4321, 4999, 5000, 6000];
    const found = await find(text, wanted);
    found.forEach((offset, index) => {
      const seq = Math.min(wanted[index] ?? 0, lines.length);
      expect(seqOfLine(Buffer.from(text.slice(offset, offset + 30)))).toBeLessThanOrEqual(seq);
      expect((starts[seq - 1] ?? 0) - offset).toBeLessThanOrEqual(NEAR_BYTES + 1000);
    });
  });

  it('stays before lines that say no number, a number that is too high, and an unfinished one', async () => {
    const half = Array.from({ length: 1000 }, (_, index) => line(index + 1)).join('');
    const rest = Array.from({ length: 1000 }, (_, index) => line(index + 1002)).join('');
    for (const between of [
      '{"seq":"1001"}\n'.repeat(40_000),
      line(1_000_000).repeat(1000),
      '{"seq":1001,'.repeat(40_000),
    ]) {
      const text = half + between + rest;
      for (const offset of await find(text, [500, 1000])) {
        expect(offset).toBeLessThan(half.length);
        expect(text.slice(offset, offset + 7)).toBe('{"seq":');
      }
    }
  });

  it('finds its way past a line of many megabytes', async () => {
    const few = Array.from({ length: 300 }, (_, index) => line(index + 1)).join('');
    const more = Array.from({ length: 3000 }, (_, index) => line(index + 302)).join('');
    const text = few + line(301, 5 * 1024 * 1024) + more;
    const [before, after] = await find(text, [200, 3000]);
    expect(before).toBeLessThan(few.length);
    expect(seqOfLine(Buffer.from(text.slice(after, (after ?? 0) + 30)))).toBeLessThanOrEqual(3000);
  });

  it('looks first where a line began that was read lately, and believes it no more than any other place', async () => {
    const long = [1, 2, 3, 4, 5, 6].map((seq) => line(seq, 3 * 1024 * 1024));
    const text = [...long, line(7), line(8)].join('');
    const startOf = (seq: number): number => text.indexOf(`{"seq":${seq},`);
    const [untold] = await find(text, [8]);
    expect(untold).toBeLessThan(startOf(6));
    expect(await find(text, [8, 7], startOf(7))).toEqual([startOf(7), startOf(7)]);
    expect(await find(text, [6], startOf(6))).toEqual([startOf(6)]);
    // A line after the wanted one, the middle of a line, before the first and after the last.
    const wanted = [1, 5, 6, 7];
    for (const place of [startOf(8), startOf(7) + 5, startOf(6) - 2_000_000, 0, -7, text.length, text.length + 5]) {
      for (const [index, offset] of (await find(text, wanted, place)).entries()) {
        expect(seqOfLine(Buffer.from(text.slice(offset, offset + 30)))).toBeLessThanOrEqual(wanted[index] ?? 0);
      }
    }
  });

  it('begins at the start of what has no line', async () => {
    expect(await find('', [1, 5])).toEqual([0, 0]);
    expect(await find('{"seq":1,'.repeat(20_000), [1, 5])).toEqual([0, 0]);
  });
});
