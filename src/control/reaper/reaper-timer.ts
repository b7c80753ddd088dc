import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { ReaperLog } from './reaper.js';

/** What looks again and again for what others left undone. */
export interface Looking {
  look(): Promise<void>;
}

/**
 * Lets the reaper, or another that finishes what was left undone, look when its process starts and then again and again. It
 * is the process's own timer, not a job: what a dead gateway left must be ended while Redis is away, too.
 */
export class ReaperTimer implements OnApplicationBootstrap, OnModuleDestroy {
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly reaper: Looking,
    private readonly everySeconds: number,
    private readonly log: ReaperLog,
  ) {}

  onApplicationBootstrap(): void {
    this.#lookAndRepeat();
  }

  /** A look that is under way is finished first. */
  async onModuleDestroy(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #lookAndRepeat(): void {
    this.#looking = this.reaper
      .look()
      .catch((error: unknown) =>
        this.log.warn({ err: error }, 'a look for what was left undone failed; it is tried again'),
      )
      .finally(() => {
        if (!this.#stopped) this.#timer = setTimeout(() => this.#lookAndRepeat(), this.everySeconds * 1000);
      });
  }
}
