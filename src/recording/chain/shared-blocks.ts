/**
 * Memory that threads can share, used again and again: giving a block back is much cheaper than leaving it to the garbage
 * collector, which sees no hurry in it.
 */
export class SharedBlocks {
  readonly #blockBytes: number;
  readonly #free: SharedArrayBuffer[] = [];

  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  /** A block with room for so many bytes; what is in it may be anything. */
  take(bytes: number): Buffer {
    if (bytes > this.#blockBytes) return Buffer.from(new SharedArrayBuffer(bytes));
    return Buffer.from(this.#free.pop() ?? new SharedArrayBuffer(this.#blockBytes), 0, bytes);
  }

  /** Takes a block back. Larger ones than usual are not kept. */
  giveBack({ buffer }: Buffer): void {
    if (buffer instanceof SharedArrayBuffer && buffer.byteLength === this.#blockBytes) this.#free.push(buffer);
  }
}
