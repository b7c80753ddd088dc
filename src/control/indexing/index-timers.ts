import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { ReaperTimer } from '../reaper/reaper-timer.js';
import type { ReaperLog } from '../reaper/reaper.js';
import type { IndexLook } from './index-look.js';

/** Lets the index be filled while the worker runs: by live and by sealed recordings, each by a timer of its own. */
export class IndexTimers implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #look: IndexLook;
  readonly #timers: readonly ReaperTimer[];

  constructor(look: IndexLook, everySeconds: number, log: ReaperLog) {
    this.#look = look;
    this.#timers = [look.live, look.sealed].map((part) => new ReaperTimer(part, everySeconds, log));
  }

  onApplicationBootstrap(): void {
    for (const timer of this.#timers) timer.onApplicationBootstrap();
  }

  /** A large recording is not read to its end first. */
  async onModuleDestroy(): Promise<void> {
    this.#look.stop();
    await Promise.all(this.#timers.map((timer) => timer.onModuleDestroy()));
  }
}
