import { SharedBlocks } from './shared-blocks.js';

/** More than a chunk of a file and the start of a line from the chunk before, so that nearly every batch fits. */
const BLOCK_BYTES = 1280 * 1024;

/**
 * Puts chunks together to batches of whole lines, each in memory that threads can share. Memory: one line of at most
 * `lineBytesMax`, and the batches that were not given back.
 */
export class LineBatches {
  readonly #lineBytesMax: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #overlong = false;
  readonly #blocks = new SharedBlocks(BLOCK_BYTES);

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax;
  }

  /** Bytes after the last newline. */
  get restBytes(): number {
    return this.#heldBytes;
  }

  /** True when a line went over the limit; nothing more is taken then. */
  get overlong(): boolean {
    return this.#overlong;
  }

  /** The lines that end in this chunk, with their newlines; undefined when none does. Keeps the chunk. */
  push(chunk: Buffer): Buffer | undefined {
    const first = chunk.indexOf(0x0a);
    if (this.#heldBytes + (first === -1 ? chunk.length : first) > this.#lineBytesMax) {
      this.#overlong = true;
      return undefined;
    }
    const end = first === -1 ? 0 : chunk.lastIndexOf(0x0a) + 1;
    const lines = end === 0 ? undefined : this.#join(chunk.subarray(0, end));
    const rest = chunk.subarray(end);
    if (rest.length > 0) this.#held.push(rest);
    this.#heldBytes += rest.length;
    return lines;
  }

  /** Takes a batch back; its bytes are no longer the caller's. */
  giveBack(lines: Buffer): void {
    this.#blocks.giveBack(lines);
  }

  #join(last: Buffer): Buffer {
    const bytes = this.#heldBytes + last.length;
    const block = this.#blocks.take(bytes);
    let filled = 0;
    for (const part of [...this.#held, last]) filled += part.copy(block, filled);
    this.#held = [];
    this.#heldBytes = 0;
    return block;
  }
}
