import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { BullModule } from '@nestjs/bullmq';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';
import type { Channel } from '../channels/channel.js';
import type { WorkerConfig } from '../config/worker.js';
import type { EnvelopeKey } from '../keys/envelope.js';
import type { SealKey } from '../keys/seal-key.js';
import type { Queues } from '../messaging/queues.js';
import { connectForListening } from '../messaging/redis.js';
import type { StateSource } from '../persistence/state/data-source.js';
import { recordedBy, type TargetProtocol } from '../protocol/target-protocol.js';
import { QUEUES } from '../queue/jobs.js';
import { httpLogParams } from './http/http-log.js';
import { QueuesModule } from './modules/queues.module.js';
import { StateModule } from './modules/state.module.js';
import type { TargetEnder } from './reaper/target-ender.js';
import { WORKER_FEATURES } from './worker-features.js';
import { KnownProtocols } from './modules/known-protocols.js';
import {
  CHANNELS,
  ENVELOPE_KEY,
  PROTOCOLS,
  RECORDED,
  SEAL_KEY,
  TARGET_ENDER,
  WORKER_CONFIG,
  WORKER_LOG,
} from './modules/tokens.js';

/** What the worker stands on, opened by the process that starts it. */
export interface WorkerParts {
  readonly config: WorkerConfig;
  readonly source: StateSource;
  readonly queues: Queues;
  readonly log: Logger;
  readonly envelopeKey: EnvelopeKey;
  readonly sealKey: SealKey;
  readonly ender: TargetEnder;
  readonly protocols: readonly TargetProtocol[];
  /** The ways by which it may reach people and their programs. */
  readonly channels: readonly Channel[];
}

/** The worker: expiry, sealing, approvals, and the reaper. Nest makes them, starts and stops them, and gives them their jobs. */
@Module({})
export class WorkerModule {
  static forRoot(parts: WorkerParts): DynamicModule {
    const { config, source, queues, log } = parts;
    const given: readonly Provider[] = [
      { provide: WORKER_CONFIG, useValue: config },
      { provide: WORKER_LOG, useValue: log },
      { provide: ENVELOPE_KEY, useValue: parts.envelopeKey },
      { provide: SEAL_KEY, useValue: parts.sealKey },
      { provide: TARGET_ENDER, useValue: parts.ender },
      { provide: PROTOCOLS, useValue: parts.protocols },
      { provide: CHANNELS, useValue: parts.channels },
      { provide: RECORDED, useValue: recordedBy(parts.protocols) },
      KnownProtocols,
    ];
    return {
      module: WorkerModule,
      imports: [
        LoggerModule.forRoot(httpLogParams(log)),
        StateModule.forRoot(source),
        QueuesModule.forRoot(queues),
        BullModule.forRoot({ connection: connectForListening(config.REDIS_URL, log), prefix: config.QUEUE_PREFIX }),
        BullModule.registerQueue({ name: QUEUES.worker }),
      ],
      providers: [...given, ...WORKER_FEATURES],
    };
  }
}
