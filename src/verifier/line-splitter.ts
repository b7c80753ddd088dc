import { joined } from './bytes.js';

/** Without its newline. */
export const LINE_BYTES_MAX = 128 * 1024 * 1024;

const NEWLINE = 0x0a;

/** Cuts chunks into lines. Memory: one line. */
export class LineSplitter {
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #isOverlong = false;

  /** Bytes after the last newline. */
  get restBytes(): number {
    return this.#heldBytes;
  }

  /** True once a line went over the limit; nothing more is taken then. */
  get isOverlong(): boolean {
    return this.#isOverlong;
  }

  /** Gives every line that ends in this chunk, without its newline. Keeps the chunk. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      const lineBytes = this.#heldBytes + (end === -1 ? chunk.length : end) - start;
      if (lineBytes > LINE_BYTES_MAX) {
        this.#isOverlong = true;
        return;
      }
      if (end === -1) break;
      yield this.#line(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start === chunk.length) return;
    this.#held.push(chunk.subarray(start));
    this.#heldBytes += chunk.length - start;
  }

  #line(end: Uint8Array): Uint8Array {
    if (this.#heldBytes === 0) return end;
    const line = joined([...this.#held, end]);
    this.#held = [];
    this.#heldBytes = 0;
    return line;
  }
}
