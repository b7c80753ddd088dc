import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CHAIN_START } from './chain.js';
import { hashJob } from './hash-job.js';
import { MerkleTree } from './merkle.js';

const line = fc
  .oneof(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(200)))
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0x0a ? 0 : byte))));
const parts = fc.array(fc.array(line, { minLength: 1, maxLength: 20 }), { maxLength: 5 });

function bytesOf(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((bytes) => [bytes, Buffer.from('\n')]));
}

it('gives the hash of each line after that of the line before, however short the lines are', () => {
  fc.assert(
    fc.property(parts, fc.nat(1), (given, scale) => {
      const job = hashJob('chain');
      let last = CHAIN_START;
      for (const lines of given) {
        const part = bytesOf(lines);
        const hashes = [last, ...lines.map((bytes) => hash('sha256', bytes))];
        const room = Buffer.alloc(part.length * scale, 'x');
        expect(job.update(part, room).toString('latin1')).toBe(hashes.join(''));
        last = hashes.at(-1) ?? last;
      }
      expect(job.end()).toBe(hash('sha256', Buffer.concat(given.map(bytesOf))));
    }),
  );
});

it('gives the root of the tree of all lines, also of parts that are too long to be copied', () => {
  const long = [Buffer.alloc(5 * 1024 * 1024, 'x'), Buffer.from('y')];
  fc.assert(
    fc.property(parts, fc.boolean(), (some, isLong) => {
      const given = isLong ? [...some, long, ...some] : some;
      const job = hashJob('tree');
      const tree = new MerkleTree();
      for (const lines of given) {
        job.update(bytesOf(lines));
        for (const bytes of lines) tree.add(bytes);
      }
      expect(job.end()).toBe(tree.root());
    }),
    { numRuns: 20 },
  );
});
