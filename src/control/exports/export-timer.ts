import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { ReaperLog } from '../reaper/reaper.js';
import { ReaperTimer } from '../reaper/reaper-timer.js';
import type { StatementExporter } from './statement-exporter.js';

/** Lets the worker look for days to export again and again; with 0 seconds it never does. */
export class ExportTimer implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #exporter: StatementExporter;
  readonly #timer: ReaperTimer | undefined;

  constructor(exporter: StatementExporter, everySeconds: number, log: ReaperLog) {
    this.#exporter = exporter;
    this.#timer = everySeconds === 0 ? undefined : new ReaperTimer(exporter, everySeconds, log);
  }

  onApplicationBootstrap(): void {
    this.#timer?.onApplicationBootstrap();
  }

  /** A first export may have years before it: it is given up, and goes on with the next start. */
  async onModuleDestroy(): Promise<void> {
    this.#exporter.stop();
    await this.#timer?.onModuleDestroy();
  }
}
