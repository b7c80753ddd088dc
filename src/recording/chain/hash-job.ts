import { createHash } from 'node:crypto';
import { unreachable } from '../../kernel/assert.js';
import { chainHash } from './chain.js';
import { MerkleTree } from './merkle.js';

/**
 * What is made of bytes that come in parts. `chain`: the chain hash of every line. `tree`: the Merkle tree hash over all
 * lines. `bytes`: SHA-256 over all bytes. Parts for `chain` and `tree` are whole lines, each with its newline.
 */
export type HashKind = 'chain' | 'tree' | 'bytes';

/** One hash that is being made, in whatever thread. */
export interface HashJob {
  /** For `chain`, the hashes of these lines as hex, one after the other without separators; else empty. */
  update(part: Buffer): string;
  /** For `tree` and `bytes`, the hash over all parts as hex; else empty. Once. */
  end(): string;
}

/** Begins a hash of this kind. */
export function hashJob(kind: HashKind): HashJob {
  switch (kind) {
    case 'chain':
      return new ChainJob();
    case 'tree':
      return new TreeJob();
    case 'bytes':
      return new BytesJob();
    default:
      return unreachable(kind);
  }
}

/** Gives each of these whole lines without its newline, until `onLine` says false. */
export function eachLine(lines: Buffer, onLine: (line: Buffer) => boolean): void {
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf(0x0a, start);
    if (!onLine(lines.subarray(start, end))) return;
    start = end + 1;
  }
}

class ChainJob implements HashJob {
  update(part: Buffer): string {
    let hashes = '';
    eachLine(part, (line) => {
      hashes += chainHash(line);
      return true;
    });
    return hashes;
  }

  end(): string {
    return '';
  }
}

class TreeJob implements HashJob {
  readonly #tree = new MerkleTree();

  update(part: Buffer): string {
    eachLine(part, (line) => {
      this.#tree.add(line);
      return true;
    });
    return '';
  }

  end(): string {
    return this.#tree.root();
  }
}

class BytesJob implements HashJob {
  readonly #hash = createHash('sha256');

  update(part: Buffer): string {
    this.#hash.update(part);
    return '';
  }

  end(): string {
    return this.#hash.digest('hex');
  }
}
