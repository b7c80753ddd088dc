import { SharedBlocks } from './shared-blocks.js';

/** Threads are asked for each batch, which costs the more the smaller batches are. */
const BATCH_BYTES_MIN = 1024 * 1024;
/** What a batch stands in: more than a batch and the chunk that completes it, so that nearly every batch fits. */
export const BATCH_BLOCK_BYTES = BATCH_BYTES_MIN + 256 * 1024;

/**
 * Puts chunks together to batches of whole lines, each in memory that threads can share. Memory: one line of at most
 * `lineBytesMax`, and the batches that were not given back.
 */
export class LineBatches {
  readonly #lineBytesMax: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Of what is held, those after the last newline. */
  #restBytes = 0;
  #overlong = false;
  readonly #blocks = new SharedBlocks(BATCH_BLOCK_BYTES);

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax;
  }

  /** Bytes after the last newline. */
  get restBytes(): number {
    return this.#restBytes;
  }

  /** True when a line went over the limit; nothing more is taken then. */
  get overlong(): boolean {
    return this.#overlong;
  }

  /** Whole lines, with their newlines, once there are enough for a batch. Keeps the chunk. */
  push(chunk: Buffer): Buffer | undefined {
    const first = chunk.indexOf(0x0a);
    if (this.#restBytes + (first === -1 ? chunk.length : first) > this.#lineBytesMax) {
      this.#overlong = true;
      return undefined;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    this.#restBytes = first === -1 ? this.#restBytes + chunk.length : chunk.length - chunk.lastIndexOf(0x0a) - 1;
    return this.#heldBytes < BATCH_BYTES_MIN ? undefined : this.end();
  }

  /** The whole lines that no batch has yet; undefined when there are none. */
  end(): Buffer | undefined {
    const bytes = this.#heldBytes - this.#restBytes;
    if (bytes === 0) return undefined;
    const block = this.#blocks.take(bytes);
    const held = this.#held;
    this.#held = [];
    let filled = 0;
    for (const part of held) {
      const taken = part.copy(block, filled);
      filled += taken;
      if (taken < part.length) this.#held.push(part.subarray(taken));
    }
    this.#heldBytes = this.#restBytes;
    return block;
  }

  /** Takes a batch back; its bytes are no longer the caller's. */
  giveBack(lines: Buffer): void {
    this.#blocks.giveBack(lines);
  }
}
