import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkList } from './chunk-list.js';

const SEEDED = { seed: 43, numRuns: 200 };

describe('waiting bytes', () => {
  it('come back in order, and the list is empty afterwards', () => {
    const arbitraryChunk = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.constantFrom(16_383, 16_384, 16_385, 40_000).map((length) => new Uint8Array(length).fill(length & 0xff)),
    );
    fc.assert(
      fc.property(fc.array(arbitraryChunk, { maxLength: 20 }), (chunks) => {
        const list = new ChunkList();
        for (const chunk of chunks) list.append(Buffer.from(chunk));
        expect(list.bytes).toBe(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
        expect(Buffer.concat(list.take()).equals(Buffer.concat(chunks))).toBe(true);
        expect(list.bytes).toBe(0);
        expect(list.take()).toEqual([]);
      }),
      SEEDED,
    );
  });

  it('lie in few blocks when they came one by one', () => {
    const list = new ChunkList();
    for (let index = 0; index < 200_000; index += 1) list.append(Buffer.from([index & 0xff]));
    const blocks = list.take();
    expect(blocks.length).toBeLessThan(30);
    expect(blocks.reduce((sum, block) => sum + block.buffer.byteLength, 0)).toBeLessThan(2 * 200_000);
  });

  it('are not copied when they come in large chunks', () => {
    const chunk = Buffer.alloc(65_536);
    const list = new ChunkList();
    list.append(Buffer.from([1]));
    list.append(chunk);
    expect(list.take()[1]).toBe(chunk);
  });
});
