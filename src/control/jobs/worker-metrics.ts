import { Counter, Gauge, type Registry } from 'prom-client';
import type { ReaperMetrics } from '../reaper/reaper.js';

/** What the worker counts. */
export class WorkerMetrics implements ReaperMetrics {
  readonly #jobs: Counter<'job' | 'outcome'>;
  readonly #finished: Counter<'kind'>;
  readonly #unfinished: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#jobs = new Counter({
      name: 'doorwarden_worker_jobs_total',
      help: 'Jobs that ended, each attempt counted.',
      labelNames: ['job', 'outcome'],
      registers,
    });
    this.#finished = new Counter({
      name: 'doorwarden_reaper_grants_total',
      help: 'Grants that the reaper finished: expired, orphaned, sealed.',
      labelNames: ['kind'],
      registers,
    });
    this.#unfinished = new Gauge({
      name: 'doorwarden_reaper_unfinished_grants',
      help: 'Grants that the last look could not finish; over zero for long, look at the log and at the targets.',
      registers,
    });
  }

  readonly jobFinished = (job: string, outcome: string): void => this.#jobs.inc({ job, outcome });

  finished(kind: string): void {
    this.#finished.inc({ kind });
  }

  unfinished(grants: number): void {
    this.#unfinished.set(grants);
  }
}
