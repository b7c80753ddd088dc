import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ChannelMetrics } from '../../channels/channel.js';
import { metricsText } from '../../health/process-metrics.js';
import type { HealthMetrics } from '../../health/serve-health.js';
import type { IndexMetrics } from '../indexing/statement-indexer.js';
import type { ReaperMetrics } from '../reaper/reaper.js';
import type { CheckpointMetrics } from '../record/checkpoint-signer.js';
import type { SealMetrics } from '../sealing/sealer.js';
import type { JobMetrics } from './worker-jobs.js';

const SEAL_BUCKETS_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600];

/** What the worker counts, in the format of Prometheus. */
@Injectable()
export class WorkerMetrics
  implements ReaperMetrics, SealMetrics, JobMetrics, CheckpointMetrics, IndexMetrics, ChannelMetrics, HealthMetrics
{
  readonly #registry = new Registry();
  readonly #jobs: Counter<'job' | 'outcome'>;
  readonly #finished: Counter<'kind'>;
  readonly #unfinished: Gauge;
  readonly #seals: Histogram<'outcome'>;
  readonly #sealedBytes: Counter;
  readonly #recordDamaged: Gauge;
  readonly #indexed: Counter;
  readonly #unindexed: Gauge;
  readonly #channelMessages: Counter<'channel' | 'outcome'>;
  readonly #channelWaiting: Gauge<'channel'>;

  constructor() {
    const registers = [this.#registry];
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
    this.#seals = new Histogram({
      name: 'doorwarden_seal_duration_seconds',
      help: 'How long it took to seal a recording, and to fail to.',
      labelNames: ['outcome'],
      buckets: SEAL_BUCKETS_SECONDS,
      registers,
    });
    for (const outcome of ['sealed', 'failed']) this.#seals.zero({ outcome });
    this.#sealedBytes = new Counter({
      name: 'doorwarden_sealed_bytes_total',
      help: 'Bytes of the files of sealed recordings.',
      registers,
    });
    this.#recordDamaged = new Gauge({
      name: 'doorwarden_record_damaged',
      help: '1 where the administrative record did not hold at the last look, else 0.',
      registers,
    });
    this.#indexed = new Counter({
      name: 'doorwarden_index_statements_total',
      help: 'Recorded statements that this worker has put into the index of the search.',
      registers,
    });
    this.#unindexed = new Gauge({
      name: 'doorwarden_index_missing_recordings',
      help: 'Sealed recordings that are not in the index, or not as a whole; over zero for long, look at the log.',
      registers,
    });
    this.#channelMessages = new Counter({
      name: 'doorwarden_channel_messages_total',
      help: 'What channels such as Slack have sent, must repeat, and have given up.',
      labelNames: ['channel', 'outcome'],
      registers,
    });
    this.#channelWaiting = new Gauge({
      name: 'doorwarden_channel_waiting',
      help: 'What a channel has to send and has not sent yet; growing for long, look at the log.',
      labelNames: ['channel'],
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return metricsText(this.#registry);
  }

  sealed(seconds: number, bytes: number): void {
    this.#seals.observe({ outcome: 'sealed' }, seconds);
    this.#sealedBytes.inc(bytes);
  }

  sealingFailed(seconds: number): void {
    this.#seals.observe({ outcome: 'failed' }, seconds);
  }

  jobFinished(job: string, outcome: string): void {
    this.#jobs.inc({ job, outcome });
  }

  indexed(statements: number): void {
    this.#indexed.inc(statements);
  }

  sent(channel: string, outcome: 'sent' | 'repeated' | 'given-up'): void {
    this.#channelMessages.inc({ channel, outcome });
  }

  waiting(channel: string, count: number): void {
    this.#channelWaiting.set({ channel }, count);
  }

  unindexed(recordings: number): void {
    this.#unindexed.set(recordings);
  }

  recordHolds(holds: boolean): void {
    this.#recordDamaged.set(holds ? 0 : 1);
  }

  finished(kind: string): void {
    this.#finished.inc({ kind });
  }

  unfinished(grants: number): void {
    this.#unfinished.set(grants);
  }
}
