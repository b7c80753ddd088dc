import { PROGRESS_SECONDS } from './limits.js';

const MS_PER_SECOND = 1000;

/** A wait of a tool, cut into calls that are short enough to tell the caller in between what is waited for. */
export class LongWait {
  readonly #untilMs: number;

  constructor(seconds: number) {
    this.#untilMs = performance.now() + seconds * MS_PER_SECOND;
  }

  /** How long the next call may wait, in seconds; undefined: the time is up. */
  next(): number | undefined {
    const leftSeconds = Math.ceil((this.#untilMs - performance.now()) / MS_PER_SECOND);
    return leftSeconds < 1 ? undefined : Math.min(leftSeconds, PROGRESS_SECONDS);
  }
}
