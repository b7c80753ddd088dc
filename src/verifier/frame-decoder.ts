import { Decompress } from 'fzstd';
import { FrameSplitter, type FrameForm } from './frame-splitter.js';

/**
 * Gives what one zstd frame holds, a block of at most 128 KiB at a time. Memory: a block and the window, which is 8 MiB at
 * most.
 */
export class FrameDecoder {
  readonly #splitter: FrameSplitter;
  readonly #decompress: Decompress;
  #onContent: (content: Uint8Array) => void = () => undefined;
  #contentBytes = 0;
  #wrong: string | undefined;

  constructor(form: FrameForm, contentBytesMax: number) {
    this.#splitter = new FrameSplitter(form, contentBytesMax);
    this.#decompress = new Decompress((content) => {
      this.#contentBytes += content.length;
      if (content.length > 0) this.#onContent(content);
    });
  }

  get ended(): boolean {
    return this.#splitter.ended;
  }

  /** How many bytes of the frame were taken. */
  get bytes(): number {
    return this.#splitter.bytes;
  }

  /** What it has held so far. */
  get contentBytes(): number {
    return this.#contentBytes;
  }

  /** Why it is refused; nothing more is taken then. */
  get wrong(): string | undefined {
    return this.#wrong ?? this.#splitter.wrong;
  }

  /**
   * Takes some of these bytes, no further than to the end of a block, and gives how many; what that block holds goes to
   * `onContent`, which may keep it.
   */
  take(bytes: Uint8Array, onContent: (content: Uint8Array) => void): number {
    this.#onContent = onContent;
    const taken = this.#splitter.take(bytes, (part, isLast) => this.#open(part, isLast));
    if (this.ended && this.#wrong === undefined) this.#compareSize();
    return taken;
  }

  #open(part: Uint8Array, isLast: boolean): void {
    if (this.#wrong !== undefined) return;
    try {
      this.#decompress.push(part, isLast);
    } catch {
      // Broken bytes end the decoder in many ways, and all of them say the same of the frame.
      this.#wrong = 'cannot be decompressed';
      return;
    }
    const { contentBytes } = this.#splitter;
    if (contentBytes !== undefined && this.#contentBytes > contentBytes) this.#wrong = 'cannot be decompressed';
  }

  #compareSize(): void {
    const { contentBytes } = this.#splitter;
    if (contentBytes !== undefined && contentBytes !== this.#contentBytes) {
      this.#wrong = 'does not hold as much as it says';
    }
  }
}
