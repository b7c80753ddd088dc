import { sha256 } from '@noble/hashes/sha2.js';
import { hexOf } from './bytes.js';

const LEAF = Uint8Array.of(0);
const NODE_PREFIX = 1;
const DIGEST_BYTES = 32;

/**
 * The tree hash of RFC 6962, section 2.1, over leaves added one by one. Memory: one digest for each level.
 * https://www.rfc-editor.org/rfc/rfc6962#section-2.1
 */
export class MerkleTree {
  #size = 0;
  /** Of the full trees from the left, largest first: one for each bit that is set in the size. */
  readonly #roots: Uint8Array[] = [];
  readonly #node = new Uint8Array(1 + 2 * DIGEST_BYTES);

  constructor() {
    this.#node[0] = NODE_PREFIX;
  }

  add(leaf: Uint8Array): void {
    let root: Uint8Array = sha256.create().update(LEAF).update(leaf).digest();
    for (let bits = this.#size; bits % 2 === 1; bits = Math.floor(bits / 2)) {
      const left = this.#roots.pop();
      if (left !== undefined) root = this.#join(left, root);
    }
    this.#roots.push(root);
    this.#size += 1;
  }

  /** Hex; of no leaves the SHA-256 of nothing. */
  root(): string {
    const joined = this.#roots.reduceRight<Uint8Array | undefined>(
      (right, left) => (right === undefined ? left : this.#join(left, right)),
      undefined,
    );
    return hexOf(joined ?? sha256(new Uint8Array()));
  }

  #join(left: Uint8Array, right: Uint8Array): Uint8Array {
    this.#node.set(left, 1);
    this.#node.set(right, 1 + DIGEST_BYTES);
    return sha256(this.#node);
  }
}
