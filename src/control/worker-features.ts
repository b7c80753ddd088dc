import type { Provider } from '@nestjs/common';
import type { Logger } from 'pino';
import type { WorkerConfig } from '../config/worker.js';
import type { Clock } from '../kernel/clock.js';
import type { EnvelopeKey } from '../keys/envelope.js';
import type { SealKey } from '../keys/seal-key.js';
import { ApprovalSignals } from '../messaging/approval-signals.js';
import { GrantSignals } from '../messaging/grant-signals.js';
import { Queues } from '../messaging/queues.js';
import { ApprovalSweepRepository } from '../persistence/approvals/approval-sweep.repository.js';
import { ApprovalRepository } from '../persistence/approvals/approval.repository.js';
import { GrantOrderReader } from '../persistence/grants/grant-order.js';
import { GrantSweepRepository } from '../persistence/grants/grant-sweep.repository.js';
import { GrantRepository } from '../persistence/grants/grant.repository.js';
import { GatewayRepository } from '../persistence/processes/gateway.repository.js';
import { WorkerRepository } from '../persistence/processes/worker.repository.js';
import { AdminRecordRepository } from '../persistence/record/admin-record.repository.js';
import { RecordReader } from '../persistence/record/record-reader.js';
import { PublishedKeyRepository } from '../persistence/recordings/published-key.repository.js';
import { RecordingRepository } from '../persistence/recordings/recording.repository.js';
import { StatementIndexRepository } from '../persistence/statements/statement-index.repository.js';
import type { StateSource } from '../persistence/state/data-source.js';
import type { Signer } from '../recording/seal/signer.js';
import { DirectoryRecordingStore } from '../recording/stores/directory.js';
import { StatementDaysRepository } from '../persistence/statements/statement-days.repository.js';
import { StatementRows } from '../persistence/statements/statement-rows.js';
import { ApprovalKeeper } from './approvals/approval-keeper.js';
import { ApprovalSweep } from './approvals/approval-sweep.js';
import { ChannelOpener, OpenChannels } from './channels/open-channels.js';
import { DayFiles } from './exports/day-files.js';
import { ExportTimer } from './exports/export-timer.js';
import { StatementExporter } from './exports/statement-exporter.js';
import { ApprovedGrants } from './grants/approved-grants.js';
import { GrantExpiry } from './grants/grant-expiry.js';
import { IndexLook } from './indexing/index-look.js';
import { IndexTimers } from './indexing/index-timers.js';
import { StatementIndexer } from './indexing/statement-indexer.js';
import { WorkerJobs } from './jobs/worker-jobs.js';
import { publishedSealKeys } from './keys/seal-keys.js';
import { WorkerMetrics } from './jobs/worker-metrics.js';
import { KnownProtocols } from './modules/known-protocols.js';
import { fromParts } from './modules/from-parts.js';
import {
  CHANNELS,
  CLOCK,
  ENVELOPE_KEY,
  PROTOCOLS,
  RECORDED,
  RECORDING_STORE,
  SEAL_KEY,
  SEAL_SIGNER,
  STATE_SOURCE,
  TARGET_ENDER,
  WORKER_CONFIG,
  WORKER_LOG,
} from './modules/tokens.js';
import { GrantClaims } from './reaper/grant-claims.js';
import { LifeSign } from './reaper/life-sign.js';
import { OrphanEnder } from './reaper/orphan-ender.js';
import { ReaperTimer } from './reaper/reaper-timer.js';
import { Reaper } from './reaper/reaper.js';
import { CheckpointSigner } from './record/checkpoint-signer.js';
import { sealSigner } from './sealing/seal-signer.js';
import { SealMarks } from './sealing/seal-marks.js';
import { Sealer } from './sealing/sealer.js';

const REAPER_TIMER = Symbol('ReaperTimer');
/** A timer of its own, so that a target that hangs holds up no question. */
const APPROVAL_TIMER = Symbol('ApprovalTimer');
const RECORD_TIMER = Symbol('RecordTimer');

const STANDS_ON: readonly Provider[] = [
  {
    provide: GrantOrderReader,
    inject: [STATE_SOURCE, ENVELOPE_KEY],
    useFactory: (source: StateSource, key: EnvelopeKey) => new GrantOrderReader(source, key),
  },
  {
    provide: RECORDING_STORE,
    inject: [WORKER_CONFIG],
    useFactory: ({ RECORDINGS_DIR }: WorkerConfig) => new DirectoryRecordingStore(RECORDINGS_DIR),
  },
  {
    provide: GrantSignals,
    inject: [Queues, WORKER_CONFIG, WORKER_LOG],
    useFactory: ({ redis }: Queues, { QUEUE_PREFIX }: WorkerConfig, log: Logger) =>
      new GrantSignals(redis, QUEUE_PREFIX, log),
  },
  {
    provide: ApprovalSignals,
    inject: [Queues, WORKER_CONFIG, WORKER_LOG],
    useFactory: (queues: Queues, { QUEUE_PREFIX }: WorkerConfig, log: Logger) =>
      new ApprovalSignals(queues, QUEUE_PREFIX, log),
  },
  { provide: SEAL_SIGNER, inject: [SEAL_KEY], useFactory: (key: SealKey) => sealSigner(key) },
  {
    provide: ApprovedGrants,
    inject: [Queues, CLOCK, WORKER_LOG],
    useFactory: (queues: Queues, clock: Clock, log: Logger) => new ApprovedGrants(queues, clock, log),
  },
];

const TIMERS: readonly Provider[] = [
  {
    provide: REAPER_TIMER,
    inject: [Reaper, WORKER_CONFIG, WORKER_LOG],
    useFactory: (reaper: Reaper, { REAP_EVERY_SECONDS }: WorkerConfig, log: Logger) =>
      new ReaperTimer(reaper, REAP_EVERY_SECONDS, log),
  },
  {
    provide: APPROVAL_TIMER,
    inject: [ApprovalSweep, WORKER_CONFIG, WORKER_LOG],
    useFactory: (sweep: ApprovalSweep, { REAP_EVERY_SECONDS }: WorkerConfig, log: Logger) =>
      new ReaperTimer(sweep, REAP_EVERY_SECONDS, log),
  },
  {
    provide: RECORD_TIMER,
    inject: [CheckpointSigner, WORKER_CONFIG, WORKER_LOG],
    useFactory: (signer: CheckpointSigner, { RECORD_CHECKPOINT_SECONDS }: WorkerConfig, log: Logger) =>
      new ReaperTimer(signer, RECORD_CHECKPOINT_SECONDS, log),
  },
  {
    provide: IndexTimers,
    inject: [IndexLook, WORKER_CONFIG, WORKER_LOG],
    useFactory: (look: IndexLook, { INDEX_EVERY_SECONDS }: WorkerConfig, log: Logger) =>
      new IndexTimers(look, INDEX_EVERY_SECONDS, log),
  },
  {
    provide: ExportTimer,
    inject: [StatementDaysRepository, CLOCK, WORKER_CONFIG, WORKER_LOG],
    useFactory: (
      days: StatementDaysRepository,
      clock: Clock,
      { RECORDINGS_DIR, STATEMENT_EXPORT_SECONDS }: WorkerConfig,
      log: Logger,
    ) => {
      const exporter = new StatementExporter({ days, files: new DayFiles(RECORDINGS_DIR), clock, log });
      return new ExportTimer(exporter, STATEMENT_EXPORT_SECONDS, log);
    },
  },
  {
    provide: LifeSign,
    inject: [WorkerRepository, WORKER_LOG],
    useFactory: (workers: WorkerRepository, log: Logger) => new LifeSign(workers, log),
  },
];

const ENDS = {
  grants: GrantRepository,
  sweep: GrantSweepRepository,
  orders: GrantOrderReader,
  claims: GrantClaims,
  store: RECORDING_STORE,
  recorded: RECORDED,
  signals: GrantSignals,
  ender: TARGET_ENDER,
  clock: CLOCK,
} as const;

/** All that the worker does. The classes know nothing of Nest; here Nest is told how to make each of them. */
export const WORKER_FEATURES: readonly Provider[] = [
  ...STANDS_ON,
  WorkerMetrics,
  {
    provide: GrantClaims,
    inject: [GrantSweepRepository],
    useFactory: (sweep: GrantSweepRepository) => new GrantClaims(sweep),
  },
  {
    provide: GrantExpiry,
    inject: [GrantSweepRepository, GrantRepository, GrantSignals, CLOCK],
    useFactory: (sweep: GrantSweepRepository, grants: GrantRepository, signals: GrantSignals, clock: Clock) =>
      new GrantExpiry(sweep, grants, signals, clock),
  },
  fromParts(SealMarks, {
    store: RECORDING_STORE,
    recordings: RecordingRepository,
    recorded: RECORDED,
    log: WORKER_LOG,
  }),
  fromParts(Sealer, {
    ...ENDS,
    recordings: RecordingRepository,
    keys: PublishedKeyRepository,
    signer: SEAL_SIGNER,
    metrics: WorkerMetrics,
    marks: SealMarks,
  }),
  fromParts(OrphanEnder, { ...ENDS, sealer: Sealer }),
  fromParts(Reaper, {
    gateways: GatewayRepository,
    sweep: GrantSweepRepository,
    expiry: GrantExpiry,
    orphans: OrphanEnder,
    sealer: Sealer,
    log: WORKER_LOG,
    metrics: WorkerMetrics,
  }),
  fromParts(StatementIndexer, {
    index: StatementIndexRepository,
    recordings: RecordingRepository,
    store: RECORDING_STORE,
    recorded: RECORDED,
    protocols: PROTOCOLS,
    metrics: WorkerMetrics,
  }),
  fromParts(IndexLook, {
    indexer: StatementIndexer,
    index: StatementIndexRepository,
    sweep: GrantSweepRepository,
    store: RECORDING_STORE,
    log: WORKER_LOG,
    metrics: WorkerMetrics,
  }),
  fromParts(ChannelOpener, {
    channels: CHANNELS,
    config: WORKER_CONFIG,
    state: STATE_SOURCE,
    envelopeKey: ENVELOPE_KEY,
    approvals: ApprovalRepository,
    statements: StatementRows,
    protocols: KnownProtocols,
    clock: CLOCK,
    log: WORKER_LOG,
    metrics: WorkerMetrics,
  }),
  { provide: OpenChannels, inject: [ChannelOpener], useFactory: (opener: ChannelOpener) => opener.open() },
  fromParts(ApprovalKeeper, {
    sweep: ApprovalSweepRepository,
    approvals: ApprovalRepository,
    channels: OpenChannels,
    signals: ApprovalSignals,
    grantSignals: GrantSignals,
    clock: CLOCK,
    protocols: KnownProtocols,
  }),
  fromParts(ApprovalSweep, {
    sweep: ApprovalSweepRepository,
    keeper: ApprovalKeeper,
    approved: ApprovedGrants,
    log: WORKER_LOG,
  }),
  fromParts(WorkerJobs, {
    expiry: GrantExpiry,
    sealer: Sealer,
    approvals: ApprovalKeeper,
    log: WORKER_LOG,
    metrics: WorkerMetrics,
  }),
  {
    provide: CheckpointSigner,
    inject: [RecordReader, AdminRecordRepository, SEAL_SIGNER, PublishedKeyRepository, WORKER_LOG, WorkerMetrics],
    useFactory: (
      reader: RecordReader,
      entries: AdminRecordRepository,
      signer: Signer,
      keys: PublishedKeyRepository,
      log: Logger,
      metrics: WorkerMetrics,
    ) => new CheckpointSigner({ reader, entries, signer, keys: () => publishedSealKeys(keys), log, metrics }),
  },
  ...TIMERS,
];
