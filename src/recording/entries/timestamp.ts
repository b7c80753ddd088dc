import { formatUs } from '../../kernel/clock.js';

const US_PER_SECOND = 1_000_000;
const DIGIT_ZERO = 0x30;
/** `2026-01-31T12:00:00.` */
const PREFIX_BYTES = 20;
const MICROSECOND_DIGITS = 6;

/** `formatUs` as bytes, for times that come in close order: it makes the date once a second. */
export class TimestampFormatter {
  #second = Number.NaN;
  readonly #bytes = Buffer.alloc(PREFIX_BYTES + MICROSECOND_DIGITS + 1);

  /** The bytes stay until the next call. */
  format(us: number): Buffer {
    const bytes = this.#bytes;
    const second = Math.floor(us / US_PER_SECOND);
    if (second !== this.#second) {
      this.#second = second;
      bytes.write(formatUs(second * US_PER_SECOND), 'latin1');
    }
    let rest = us - second * US_PER_SECOND;
    for (let at = PREFIX_BYTES + MICROSECOND_DIGITS - 1; at >= PREFIX_BYTES; at -= 1) {
      const tenth = (rest / 10) | 0;
      bytes[at] = DIGIT_ZERO + rest - tenth * 10;
      rest = tenth;
    }
    return bytes;
  }
}
