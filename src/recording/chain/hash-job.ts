import { createHash } from 'node:crypto';
import { unreachable } from '../../kernel/assert.js';
import { CHAIN_START, chainHash } from './chain.js';
import { LEAF_PREFIX, MerkleTree } from './merkle.js';

/**
 * What is made of bytes that come in parts. `chain`: the chain hash of every line, and SHA-256 over all bytes. `tree`: the
 * Merkle tree hash over all lines. `bytes`: SHA-256 over all bytes. Parts for `chain` and `tree` are whole lines, each with
 * its newline.
 */
export type HashKind = 'chain' | 'tree' | 'bytes';

/** One hash that is being made, in whatever thread. */
export interface HashJob {
  /**
   * Takes the next part. For `chain`, gives the hash of the line before it and of each of its lines, hex, one after the other
   * without separators, in `room` of {@link hashesBytesMax}. Else empty. What follows a line that is shorter than its own hash
   * is not looked at, by `chain` and `tree`: no entry is as short, and a file of newlines would have 64 times its bytes in hashes.
   */
  update(part: Buffer, room?: Buffer): Buffer;
  /** The hash over all parts, hex. Once. */
  end(): string;
}

const DIGEST_DIGITS = 64;
const NOTHING: Buffer = Buffer.alloc(0);

/** How many bytes the hashes that `chain` gives for so many bytes of lines may take: of the line before, of each, and of a short one. */
export function hashesBytesMax(lineBytes: number): number {
  return lineBytes + 2 * DIGEST_DIGITS;
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
  readonly #bytes = createHash('sha256');
  #last = CHAIN_START;

  update(part: Buffer, room = Buffer.alloc(hashesBytesMax(part.length))): Buffer {
    this.#bytes.update(part);
    let at = room.write(this.#last, 'latin1');
    eachLine(part, (line) => {
      this.#last = chainHash(line);
      at += room.write(this.#last, at, 'latin1');
      return line.length >= DIGEST_DIGITS;
    });
    return room.subarray(0, at);
  }

  end(): string {
    return this.#bytes.digest('hex');
  }
}

/** Longer parts are not copied. */
const COPIED_BYTES_MAX = 4 * 1024 * 1024;

class TreeJob implements HashJob {
  readonly #tree = new MerkleTree();
  #copy: Buffer = NOTHING;

  update(part: Buffer): Buffer {
    if (part.length > COPIED_BYTES_MAX) {
      eachLine(part, (line) => {
        this.#tree.add(line);
        return line.length >= DIGEST_DIGITS;
      });
    } else {
      this.#updateCopied(part);
    }
    return NOTHING;
  }

  /** In a copy, the newline before each line can be made the prefix of a leaf: so the leaf is there already. */
  #updateCopied(part: Buffer): void {
    if (this.#copy.length < part.length + 1) this.#copy = Buffer.allocUnsafe(part.length + 1);
    const copy = this.#copy;
    copy.set(part, 1);
    for (let start = 0; start < part.length;) {
      const end = part.indexOf(0x0a, start);
      copy[start] = LEAF_PREFIX;
      this.#tree.addPrefixed(copy.subarray(start, end + 1));
      if (end - start < DIGEST_DIGITS) return;
      start = end + 1;
    }
  }

  end(): string {
    return this.#tree.root();
  }
}

class BytesJob implements HashJob {
  readonly #hash = createHash('sha256');

  update(part: Buffer): Buffer {
    this.#hash.update(part);
    return NOTHING;
  }

  end(): string {
    return this.#hash.digest('hex');
  }
}
