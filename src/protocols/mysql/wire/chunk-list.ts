/** Chunks at least this long are kept as they are; shorter ones are copied together into blocks of up to this size. */
const BLOCK_BYTES_MAX = 16 * 1024;
const BLOCK_BYTES_MIN = 256;

/**
 * Bytes that wait, in the order they came. A peer that sends a large payload one byte at a time would otherwise leave
 * one Buffer object for each byte, and their bookkeeping is fifty times the byte. Each byte is copied at most once,
 * and the memory held is at most about twice the bytes.
 */
export class ChunkList {
  #chunks: Buffer[] = [];
  #block = Buffer.alloc(0);
  #blockBytes = 0;
  #bytes = 0;

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  append(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (chunk.length >= BLOCK_BYTES_MAX) {
      this.#closeBlock();
      this.#chunks.push(chunk);
      return;
    }
    let at = 0;
    while (at < chunk.length) {
      if (this.#blockBytes === this.#block.length) this.#openBlock(chunk.length - at);
      const copied = chunk.copy(this.#block, this.#blockBytes, at);
      this.#blockBytes += copied;
      at += copied;
    }
  }

  /** All bytes held, in order; the list is empty afterwards. */
  take(): readonly Buffer[] {
    this.#closeBlock();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    return chunks;
  }

  #openBlock(bytesWanted: number): void {
    this.#closeBlock();
    const size = Math.min(BLOCK_BYTES_MAX, Math.max(BLOCK_BYTES_MIN, bytesWanted, this.#bytes));
    this.#block = Buffer.allocUnsafeSlow(size);
  }

  #closeBlock(): void {
    if (this.#blockBytes > 0) this.#chunks.push(this.#block.subarray(0, this.#blockBytes));
    this.#block = Buffer.alloc(0);
    this.#blockBytes = 0;
  }
}
