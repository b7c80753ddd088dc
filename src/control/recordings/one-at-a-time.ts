import { BrokerError } from '../../kernel/errors.js';

const WAITING_MAX = 16;

/** Runs works one after the other, in the order in which they came; only so many wait. */
export class OneAtATime {
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws BrokerError `watchers_over_limit` */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_MAX) throw new BrokerError('watchers_over_limit');
    this.#waiting += 1;
    const next = this.#last.then(work).finally(() => {
      this.#waiting -= 1;
    });
    // It is thrown to the one who called.
    this.#last = next.catch(() => undefined);
    return next;
  }
}
