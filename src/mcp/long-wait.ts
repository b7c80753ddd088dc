import { PROGRESS_SECONDS } from './limits.js';

const MS_PER_SECOND = 1000;
/** The first wait of a row; each further one is twice as long. */
const FIRST_SECONDS = 1;

/**
 * How long the next call of a wait may take. A call waits for what changes after it was made: what changed a moment before
 * is only seen by the next one, so waits begin short and grow.
 */
export class LongWait {
  readonly #untilMs: number;
  #nextSeconds = FIRST_SECONDS;

  constructor(seconds: number) {
    this.#untilMs = performance.now() + seconds * MS_PER_SECOND;
  }

  /** Undefined: the time is up. */
  next(): number | undefined {
    const leftSeconds = Math.ceil((this.#untilMs - performance.now()) / MS_PER_SECOND);
    if (leftSeconds < 1) return undefined;
    const seconds = Math.min(this.#nextSeconds, leftSeconds);
    this.#nextSeconds = Math.min(this.#nextSeconds * 2, PROGRESS_SECONDS);
    return seconds;
  }

  /** Something has changed: more of it may follow at once. */
  restart(): void {
    this.#nextSeconds = FIRST_SECONDS;
  }
}
