import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MerkleTree } from './merkle.js';

function rootOf(leaves: readonly Buffer[]): string {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.add(leaf);
  return tree.root();
}

/** RFC 6962 section 2.1, word for word. */
function mth(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return createHash('sha256').digest();
  if (leaves.length === 1) return createHash('sha256').update(Buffer.of(0)).update(only).digest();
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return createHash('sha256')
    .update(Buffer.of(1))
    .update(mth(leaves.slice(0, split)))
    .update(mth(leaves.slice(split)))
    .digest();
}

describe('the Merkle tree', () => {
  // The inputs and roots of the reference tests of Certificate Transparency, which RFC 6962 describes.
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const roots = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];

  it('gives the roots of the known vectors', () => {
    const leaves = inputs.map((hex) => Buffer.from(hex, 'hex'));
    expect(leaves.map((_, index) => rootOf(leaves.slice(0, index + 1)))).toEqual(roots);
    expect(rootOf([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('agrees with the definition for any leaves', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 70 }), (arrays) => {
        const leaves = arrays.map((array) => Buffer.from(array));
        expect(rootOf(leaves)).toBe(mth(leaves).toString('hex'));
      }),
    );
  });

  it('hashes leaves that are longer than its own buffer', () => {
    const leaves = [Buffer.alloc(100_000, 'a'), Buffer.alloc(16 * 1024, 'b'), Buffer.alloc(16 * 1024 + 1, 'c')];
    expect(rootOf(leaves)).toBe(mth(leaves).toString('hex'));
  });
});
