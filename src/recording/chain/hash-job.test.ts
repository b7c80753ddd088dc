import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CHAIN_START } from './chain.js';
import { hashesBytesMax, hashJob } from './hash-job.js';
import { MerkleTree } from './merkle.js';

/** No line of entries is shorter than a digest. */
const line = fc
  .oneof(fc.uint8Array({ minLength: 64, maxLength: 70 }), fc.uint8Array({ minLength: 64, maxLength: 300 }))
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0x0a ? 0 : byte))));
const parts = fc.array(fc.array(line, { minLength: 1, maxLength: 20 }), { maxLength: 5 });

function bytesOf(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((bytes) => [bytes, Buffer.from('\n')]));
}

it('gives the hash of each line after that of the line before', () => {
  fc.assert(
    fc.property(parts, fc.boolean(), (given, hasRoom) => {
      const job = hashJob('chain');
      let last = CHAIN_START;
      for (const lines of given) {
        const part = bytesOf(lines);
        const hashes = [last, ...lines.map((bytes) => hash('sha256', bytes))];
        const room = hasRoom ? Buffer.alloc(hashesBytesMax(part.length), 'x') : undefined;
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

it('looks at no line after one that is too short for an entry', () => {
  const whole = 'x'.repeat(64);
  fc.assert(
    fc.property(fc.nat(30), fc.nat(63), (before, short) => {
      const lines = [...Array.from({ length: before }, () => whole), 'y'.repeat(short)].map((text) =>
        Buffer.from(text),
      );
      const part = Buffer.concat([bytesOf(lines), Buffer.alloc(5_000, '\n')]);
      const [chain, tree, expected] = [hashJob('chain'), hashJob('tree'), new MerkleTree()];
      const hashes = [CHAIN_START, ...lines.map((bytes) => hash('sha256', bytes))];
      expect(chain.update(part, Buffer.alloc(hashesBytesMax(bytesOf(lines).length))).toString('latin1')).toBe(
        hashes.join(''),
      );
      expect(chain.end()).toBe(hash('sha256', part));
      for (const bytes of lines) expected.add(bytes);
      tree.update(part);
      expect(tree.end()).toBe(expected.root());
    }),
  );
});
