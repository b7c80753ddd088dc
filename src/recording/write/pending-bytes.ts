import { BLOCK_BYTES, giveBlockBack, takeBlock } from '../chain/blocks.js';
import { COPIED_BYTES_MAX } from './response-capture.js';
import { writeFully, type Written } from './write-sync.js';

/** Bytes that wait to be written to one file: short ones are copied together, long ones are kept as they are. */
export class PendingBytes {
  #parts: Buffer[] = [];
  #borrowed: Buffer[] = [];
  /** The block being filled, from `#start` on not yet among the parts. */
  #block: Buffer | undefined;
  #start = 0;
  #filled = 0;

  /** Bytes longer than `COPIED_BYTES_MAX` must stay as they are until they are written. */
  append(bytes: Buffer): void {
    if (bytes.length > COPIED_BYTES_MAX) {
      this.#closePart();
      this.#parts.push(bytes);
      return;
    }
    let block = this.#block;
    if (block === undefined || bytes.length > BLOCK_BYTES - this.#filled) block = this.#openBlock();
    block.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** Writes all of it, most often by one system call, and is empty then. Throws what the system says. */
  write(fd: number): Written {
    let bytes = 0;
    let writes = 0;
    const block = this.#block;
    if (block !== undefined && this.#parts.length === 0) {
      bytes = this.#filled;
      writes = writeFully(fd, block, bytes);
    } else {
      this.#closePart();
      for (const part of this.#parts) {
        writes += writeFully(fd, part, part.length);
        bytes += part.length;
      }
    }
    this.clear();
    return { bytes, writes };
  }

  /** Forgets what was not written. */
  clear(): void {
    this.#parts = [];
    if (this.#block !== undefined) this.#borrowed.push(this.#block);
    for (const block of this.#borrowed) giveBlockBack(block);
    this.#borrowed = [];
    this.#block = undefined;
    this.#start = 0;
    this.#filled = 0;
  }

  #openBlock(): Buffer {
    this.#closePart();
    if (this.#block !== undefined) this.#borrowed.push(this.#block);
    const block = takeBlock();
    this.#block = block;
    this.#start = 0;
    this.#filled = 0;
    return block;
  }

  #closePart(): void {
    if (this.#block !== undefined && this.#filled > this.#start) {
      this.#parts.push(this.#block.subarray(this.#start, this.#filled));
      this.#start = this.#filled;
    }
  }
}
