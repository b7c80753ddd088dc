import { type DynamicModule, Module } from '@nestjs/common';
import { BullModule } from '@nestjs/bullmq';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';
import type { WorkerConfig } from '../config/worker.js';
import type { Clock } from '../kernel/clock.js';
import type { EnvelopeKey } from '../keys/envelope.js';
import type { SealKey } from '../keys/seal-key.js';
import type { StateSource } from '../persistence/data-source.js';
import { QUEUES } from '../queue/jobs.js';
import { ApprovalSweepRepository } from '../persistence/approval-sweep.repository.js';
import { ApprovalRepository } from '../persistence/approval.repository.js';
import { GatewayRepository } from '../persistence/gateway.repository.js';
import { GrantOrderReader } from '../persistence/grant-order.js';
import { GrantSweepRepository } from '../persistence/grant-sweep.repository.js';
import { GrantRepository } from '../persistence/grant.repository.js';
import { PublishedKeyRepository } from '../persistence/published-key.repository.js';
import { RecordingRepository } from '../persistence/recording.repository.js';
import { WorkerRepository } from '../persistence/worker.repository.js';
import { DirectoryRecordingStore } from '../recording/stores/directory.js';
import { ApprovalKeeper } from './approvals/approval-keeper.js';
import { ApprovalSignals } from './approvals/approval-signals.js';
import { ApprovalSweep } from './approvals/approval-sweep.js';
import { LogNotifier } from './approvals/log-notifier.js';
import { ApprovedGrants } from './grants/approved-grants.js';
import { GrantExpiry } from './grants/grant-expiry.js';
import { GrantSignals } from './grants/grant-signals.js';
import { WorkerJobs } from './jobs/worker-jobs.js';
import { WorkerMetrics } from './jobs/worker-metrics.js';
import { GrantClaims } from './reaper/grant-claims.js';
import { OrphanEnder } from './reaper/orphan-ender.js';
import { LifeSign } from './reaper/life-sign.js';
import { ReaperTimer } from './reaper/reaper-timer.js';
import { Reaper } from './reaper/reaper.js';
import type { TargetEnder } from './reaper/target-ender.js';
import { sealSigner } from './sealing/seal-signer.js';
import { Sealer } from './sealing/sealer.js';
import { httpLogParams } from './shared/http-log.js';
import { Metrics } from './shared/metrics.js';
import { QueueWorker } from './shared/queue-worker.js';
import { OperationsModule } from './shared/operations.module.js';
import type { Queues } from './shared/queues.js';
import { QueuesModule } from './shared/queues.module.js';
import { connectForListening } from './shared/redis.js';
import { StateModule } from './shared/state.module.js';
import { CLOCK } from './shared/tokens.js';

/** What the worker stands on, opened by who starts it. */
export interface WorkerParts {
  readonly config: WorkerConfig;
  readonly source: StateSource;
  readonly queues: Queues;
  readonly log: Logger;
  readonly envelopeKey: EnvelopeKey;
  readonly sealKey: SealKey;
  readonly ender: TargetEnder;
}

/** The worker: expiry, sealing, approvals, and the reaper. Its only routes are health and metrics. */
@Module({})
export class WorkerModule {
  static forRoot(parts: WorkerParts): DynamicModule {
    BullModule.workerClass = QueueWorker;
    return {
      module: WorkerModule,
      imports: [
        LoggerModule.forRoot(httpLogParams(parts.log)),
        StateModule.forRoot(parts.source),
        QueuesModule.forRoot(parts.queues),
        OperationsModule,
        BullModule.forRoot({
          connection: connectForListening(parts.config.REDIS_URL, parts.log),
          prefix: parts.config.QUEUE_PREFIX,
        }),
        BullModule.registerQueue({ name: QUEUES.worker }),
      ],
      providers: [
        {
          provide: WorkerFeatures,
          inject: [GrantRepository, RecordingRepository, CLOCK, Metrics],
          useFactory: (grants: GrantRepository, recordings: RecordingRepository, clock: Clock, { registry }: Metrics) =>
            makeFeatures(parts, { grants, recordings, clock, metrics: new WorkerMetrics(registry) }),
        },
        { provide: WorkerJobs, inject: [WorkerFeatures], useFactory: ({ jobs }: WorkerFeatures) => jobs },
        { provide: ReaperTimer, inject: [WorkerFeatures], useFactory: ({ timer }: WorkerFeatures) => timer },
        { provide: LifeSign, useFactory: () => new LifeSign(new WorkerRepository(parts.source), parts.log) },
        { provide: APPROVAL_TIMER, inject: [WorkerFeatures], useFactory: (made: WorkerFeatures) => made.approvalTimer },
      ],
    };
  }
}

const APPROVAL_TIMER = Symbol('ApprovalTimer');

/** Those that start and stop with the process; everything else is in their hands. */
class WorkerFeatures {
  constructor(
    readonly jobs: WorkerJobs,
    readonly timer: ReaperTimer,
    /** Of its own, so that a target that hangs holds up no question. */
    readonly approvalTimer: ReaperTimer,
  ) {}
}

interface Shared {
  readonly grants: GrantRepository;
  readonly recordings: RecordingRepository;
  readonly clock: Clock;
  readonly metrics: WorkerMetrics;
}

function makeFeatures(parts: WorkerParts, { grants, recordings, clock, metrics }: Shared): WorkerFeatures {
  const { config, source, queues, log, ender } = parts;
  const sweep = new GrantSweepRepository(source);
  const signals = new GrantSignals(queues.redis, config.QUEUE_PREFIX, log);
  const orders = new GrantOrderReader(source, parts.envelopeKey);
  const claims = new GrantClaims(sweep);
  const store = new DirectoryRecordingStore(config.RECORDINGS_DIR);
  const common = { grants, sweep, orders, claims, store, signals, ender, clock };
  const expiry = new GrantExpiry(sweep, grants, signals, clock);
  const sealer = new Sealer({
    ...common,
    recordings,
    keys: new PublishedKeyRepository(source),
    signer: sealSigner(parts.sealKey),
    metrics,
  });
  const orphans = new OrphanEnder({ ...common, sealer });
  const reaper = new Reaper({ gateways: new GatewayRepository(source), sweep, expiry, orphans, sealer, log, metrics });
  const keeper = new ApprovalKeeper({
    sweep: new ApprovalSweepRepository(source),
    approvals: new ApprovalRepository(source),
    notifiers: [new LogNotifier(log)],
    signals: new ApprovalSignals(queues, config.QUEUE_PREFIX, log),
    grantSignals: signals,
    clock,
  });
  const approved = new ApprovedGrants(queues, clock, log);
  const approvalSweep = new ApprovalSweep({ sweep: new ApprovalSweepRepository(source), keeper, approved, log });
  const jobs = new WorkerJobs({
    expiry,
    sealer,
    approvals: keeper,
    log,
    onFinished: metrics.jobFinished,
  });
  return new WorkerFeatures(
    jobs,
    new ReaperTimer(reaper, config.REAP_EVERY_SECONDS, log),
    new ReaperTimer(approvalSweep, config.REAP_EVERY_SECONDS, log),
  );
}
