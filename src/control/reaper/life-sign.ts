import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { newId } from '../../domain/ids.js';
import type { WorkerRepository } from '../../persistence/processes/worker.repository.js';
import { ReaperTimer } from './reaper-timer.js';
import type { ReaperLog } from './reaper.js';

const EVERY_SECONDS = 5;
/** Some signs may come late or not at all before it is said that no worker is there. */
const ALIVE_SECONDS = 20;

/** Tells the others that this worker is alive, by a timer of its own: a target that hangs holds up no sign. */
export class LifeSign implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #id = newId();
  readonly #timer: ReaperTimer;

  constructor(
    private readonly workers: WorkerRepository,
    private readonly log: ReaperLog,
  ) {
    this.#timer = new ReaperTimer({ look: () => workers.alive(this.#id, ALIVE_SECONDS) }, EVERY_SECONDS, log);
  }

  onApplicationBootstrap(): void {
    this.#timer.onApplicationBootstrap();
  }

  async onModuleDestroy(): Promise<void> {
    await this.#timer.onModuleDestroy();
    try {
      await this.workers.stopped(this.#id);
    } catch (error) {
      this.log.warn({ err: error }, 'other processes learn only in some seconds that this worker has stopped');
    }
  }
}
