import type { Clock } from '../../kernel/clock.js';

/** What a gateway ends with: known only once all of it runs. */
export interface ShutdownSteps {
  /** Takes no jobs any more; resolves when those that it had taken are done: what was asked of it still opens. */
  readonly stopTaking: () => Promise<void>;
  /** Resolves when no grant is open any more. */
  readonly untilEmpty: () => Promise<void>;
  /** Ends what is open and lets go of everything else. */
  readonly end: () => Promise<void>;
}

export interface ShutdownOptions {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly drainMs: number;
  readonly log: { info(fields: object, message: string): void };
}

/**
 * How a gateway goes. It drains: takes no new grants, keeps the open ones until they end or its time is over, and ends
 * then. Anyone who cannot wait for that has it end at once. Both happen once, however often they are asked for.
 */
export class Shutdown {
  readonly #options: ShutdownOptions;
  readonly #steps = Promise.withResolvers<ShutdownSteps>();
  readonly #hurry = Promise.withResolvers<void>();
  #drainUntilMs: number | undefined;
  #ending: Promise<void> | undefined;

  constructor(options: ShutdownOptions) {
    this.#options = options;
  }

  /** Says how; what was asked for before begins now. */
  ready(steps: ShutdownSteps): void {
    this.#steps.resolve(steps);
  }

  /** Until when the open grants are kept, in milliseconds since the epoch; undefined while new ones are taken. */
  get drainUntilMs(): number | undefined {
    return this.#drainUntilMs;
  }

  /** `by`: a signal, or who asked for it. */
  drain(by: string): void {
    if (this.#drainUntilMs !== undefined) return;
    void this.#drain(by);
  }

  endNow(by: string): void {
    if (this.#ending === undefined) this.#options.log.info({ by }, 'what is open is ended now');
    this.drain(by);
    this.#hurry.resolve();
  }

  async #drain(by: string): Promise<void> {
    const { clock, drainMs, log } = this.#options;
    this.#drainUntilMs = clock.nowMs() + drainMs;
    log.info({ by, seconds: drainMs / 1000 }, 'draining: no new grants are taken, the open ones are kept meanwhile');
    const timer = setTimeout(() => this.#hurry.resolve(), drainMs);
    const { stopTaking, untilEmpty, end } = await this.#steps.promise;
    const empty = stopTaking().then(untilEmpty);
    await Promise.race([empty, this.#hurry.promise]);
    clearTimeout(timer);
    this.#ending = end();
    await this.#ending;
  }
}
