import type { FrameDecoder } from '../wire/frame-decoder.js';
import type { Leg } from '../../../gateway/leg.js';

/** Keeps what a client may send ahead within its bound: reads no more of it while too much waits, or the target is full. */
export class ClientFlow {
  readonly #client: Leg;
  readonly #target: Leg;
  readonly #decoder: FrameDecoder;
  readonly #bytesMax: number;
  #isPaused = false;

  constructor(client: Leg, target: Leg, decoder: FrameDecoder, bytesMax: number) {
    this.#client = client;
    this.#target = target;
    this.#decoder = decoder;
    this.#bytesMax = bytesMax;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  pause(): void {
    this.#isPaused = true;
    this.#client.pause();
  }

  /** `waits`: commands wait, for an answer or for the client to read what it was told. */
  pauseWhenFull(waits: boolean): void {
    if (this.#isFull(waits)) this.pause();
  }

  resumeUnlessFull(waits: boolean): void {
    if (this.#target.writableNeedDrain || this.#isFull(waits)) return;
    this.#isPaused = false;
    this.#client.resume();
  }

  #isFull(waits: boolean): boolean {
    return (waits || this.#client.writableNeedDrain) && this.#decoder.bufferedBytes > this.#bytesMax;
  }
}
