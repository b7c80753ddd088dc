import { type Clock } from '../../../src/kernel/clock.js';

/** A clock that a test puts forward. It begins at the machine's own time, which libraries look at. */
export class ManualClock implements Clock {
  #aheadMs = 0;

  advance(ms: number): void {
    this.#aheadMs += ms;
  }

  nowMs(): number {
    return Date.now() + this.#aheadMs;
  }

  nowUs(): number {
    return this.nowMs() * 1000;
  }

  monotonicUs(): number {
    return Math.round(performance.now() * 1000) + this.#aheadMs * 1000;
  }
}
