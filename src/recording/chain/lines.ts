/** Gets one line without its newline; false stops. The bytes are valid only during the call. */
export type OnLine = (line: Buffer) => boolean;

/** Cuts chunks into lines. Memory: one line of at most `lineBytesMax`. Chunks may be reused by the caller after `push`. */
export class LineSplitter {
  readonly #lineBytesMax: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #overlong = false;

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax;
  }

  /** Bytes after the last newline. */
  get restBytes(): number {
    return this.#heldBytes;
  }

  /** True when a line went over the limit; nothing more is read then. */
  get overlong(): boolean {
    return this.#overlong;
  }

  /** Gives every line that ends in this chunk to `onLine`; false when that, or a line too long, stopped it. */
  push(chunk: Buffer, onLine: OnLine): boolean {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, start);
      const lineBytes = this.#heldBytes + (end === -1 ? chunk.length : end) - start;
      if (lineBytes > this.#lineBytesMax) {
        this.#overlong = true;
        return false;
      }
      if (end === -1) break;
      const line = this.#heldBytes === 0 ? chunk.subarray(start, end) : this.#join(chunk.subarray(start, end));
      start = end + 1;
      if (!onLine(line)) return false;
    }
    if (start < chunk.length) {
      this.#held.push(Buffer.from(chunk.subarray(start)));
      this.#heldBytes += chunk.length - start;
    }
    return true;
  }

  #join(last: Buffer): Buffer {
    const line = Buffer.concat([...this.#held, last]);
    this.#held = [];
    this.#heldBytes = 0;
    return line;
  }
}

const LINE_HEAD = /^\{"seq":([1-9]\d{0,15}),/;
const LINE_HEAD_BYTES_MAX = 24;

/** The number that a line says at its beginning; undefined when it says none there. */
export function seqOfLine(line: Buffer): number | undefined {
  const digits = LINE_HEAD.exec(line.toString('latin1', 0, LINE_HEAD_BYTES_MAX))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
