import { formatUs } from '../kernel/clock.js';

const US_PER_SECOND = 1_000_000;

/** `formatUs` for times that come in close order: makes the date once a second, which is a tenth of a line's cost saved. */
export class TimestampFormatter {
  #second = Number.NaN;
  /** `2026-01-31T12:00:00.` */
  #prefix = '';

  format(us: number): string {
    const second = Math.floor(us / US_PER_SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#prefix = formatUs(second * US_PER_SECOND).slice(0, -'000000Z'.length);
    }
    return `${this.#prefix}${String(us - second * US_PER_SECOND + US_PER_SECOND).slice(1)}Z`;
  }
}
