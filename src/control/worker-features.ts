import type { Logger } from 'pino';
import type { WorkerConfig } from '../config/worker.js';
import { systemClock } from '../kernel/clock.js';
import type { EnvelopeKey } from '../keys/envelope.js';
import type { SealKey } from '../keys/seal-key.js';
import { ApprovalSweepRepository } from '../persistence/approvals/approval-sweep.repository.js';
import { ApprovalRepository } from '../persistence/approvals/approval.repository.js';
import type { StateSource } from '../persistence/state/data-source.js';
import { GatewayRepository } from '../persistence/processes/gateway.repository.js';
import { GrantOrderReader } from '../persistence/grants/grant-order.js';
import { GrantSweepRepository } from '../persistence/grants/grant-sweep.repository.js';
import { GrantRepository } from '../persistence/grants/grant.repository.js';
import { PublishedKeyRepository } from '../persistence/recordings/published-key.repository.js';
import { RecordingRepository } from '../persistence/recordings/recording.repository.js';
import { WorkerRepository } from '../persistence/processes/worker.repository.js';
import { DirectoryRecordingStore } from '../recording/stores/directory.js';
import { ApprovalKeeper } from './approvals/approval-keeper.js';
import { ApprovalSignals } from '../messaging/approval-signals.js';
import { ApprovalSweep } from './approvals/approval-sweep.js';
import { LogNotifier } from './approvals/log-notifier.js';
import { ApprovedGrants } from './grants/approved-grants.js';
import { GrantExpiry } from './grants/grant-expiry.js';
import { GrantSignals } from '../messaging/grant-signals.js';
import { WorkerJobs } from './jobs/worker-jobs.js';
import { WorkerMetrics } from './jobs/worker-metrics.js';
import { GrantClaims } from './reaper/grant-claims.js';
import { LifeSign } from './reaper/life-sign.js';
import { OrphanEnder } from './reaper/orphan-ender.js';
import { ReaperTimer } from './reaper/reaper-timer.js';
import { Reaper } from './reaper/reaper.js';
import type { TargetEnder } from './reaper/target-ender.js';
import { sealSigner } from './sealing/seal-signer.js';
import { Sealer } from './sealing/sealer.js';
import type { Queues } from '../messaging/queues.js';

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

/** Those that start and stop with the process; everything else that the worker does is in their hands. */
export interface WorkerFeatures {
  readonly jobs: WorkerJobs;
  readonly reaperTimer: ReaperTimer;
  /** Of its own, so that a target that hangs holds up no question. */
  readonly approvalTimer: ReaperTimer;
  readonly lifeSign: LifeSign;
  readonly metrics: WorkerMetrics;
}

/** Makes all that the worker does, with `new`, as the gateway is made. */
export function makeWorkerFeatures(parts: WorkerParts): WorkerFeatures {
  const { config, source, queues, log, ender } = parts;
  const clock = systemClock;
  const metrics = new WorkerMetrics();
  const grants = new GrantRepository(source);
  const sweep = new GrantSweepRepository(source);
  const signals = new GrantSignals(queues.redis, config.QUEUE_PREFIX, log);
  const orders = new GrantOrderReader(source, parts.envelopeKey);
  const claims = new GrantClaims(sweep);
  const store = new DirectoryRecordingStore(config.RECORDINGS_DIR);
  const common = { grants, sweep, orders, claims, store, signals, ender, clock };
  const expiry = new GrantExpiry(sweep, grants, signals, clock);
  const sealer = new Sealer({
    ...common,
    recordings: new RecordingRepository(source),
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
  return {
    jobs: new WorkerJobs({ expiry, sealer, approvals: keeper, log, onFinished: metrics.jobFinished }),
    reaperTimer: new ReaperTimer(reaper, config.REAP_EVERY_SECONDS, log),
    approvalTimer: new ReaperTimer(approvalSweep, config.REAP_EVERY_SECONDS, log),
    lifeSign: new LifeSign(new WorkerRepository(source), log),
    metrics,
  };
}
