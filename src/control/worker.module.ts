import { type DynamicModule, Module } from '@nestjs/common';
import { BullModule } from '@nestjs/bullmq';
import { LoggerModule } from 'nestjs-pino';
import { QUEUES } from '../queue/jobs.js';
import { WorkerJobs } from './jobs/worker-jobs.js';
import { WorkerMetrics } from './jobs/worker-metrics.js';
import { httpLogParams } from './http/http-log.js';
import { Metrics } from './operations/metrics.js';
import { OperationsModule } from './operations/operations.module.js';
import { QueueWorker } from '../messaging/queue-worker.js';
import { QueuesModule } from './modules/queues.module.js';
import { connectForListening } from '../messaging/redis.js';
import { StateModule } from './modules/state.module.js';
import { makeWorkerFeatures, type WorkerParts } from './worker-features.js';

const REAPER_TIMER = Symbol('ReaperTimer');
const APPROVAL_TIMER = Symbol('ApprovalTimer');
const LIFE_SIGN = Symbol('LifeSign');

/**
 * The worker: expiry, sealing, approvals, and the reaper. Nest starts and stops them, gives them their jobs, and serves the
 * only routes, health and metrics; they themselves are made in `worker-features.ts`.
 */
@Module({})
export class WorkerModule {
  constructor({ registry }: Metrics, own: WorkerMetrics) {
    own.registerIn(registry);
  }

  static forRoot(parts: WorkerParts): DynamicModule {
    const { config, source, queues, log } = parts;
    const { jobs, reaperTimer, approvalTimer, lifeSign, metrics } = makeWorkerFeatures(parts);
    // BullModule takes the class of its workers for the whole process, and in no other way.
    BullModule.workerClass = QueueWorker;
    return {
      module: WorkerModule,
      imports: [
        LoggerModule.forRoot(httpLogParams(log)),
        StateModule.forRoot(source),
        QueuesModule.forRoot(queues),
        OperationsModule,
        BullModule.forRoot({
          connection: connectForListening(config.REDIS_URL, log),
          prefix: config.QUEUE_PREFIX,
        }),
        BullModule.registerQueue({ name: QUEUES.worker }),
      ],
      providers: [
        { provide: WorkerJobs, useValue: jobs },
        { provide: WorkerMetrics, useValue: metrics },
        { provide: REAPER_TIMER, useValue: reaperTimer },
        { provide: APPROVAL_TIMER, useValue: approvalTimer },
        { provide: LIFE_SIGN, useValue: lifeSign },
      ],
    };
  }
}
