import 'reflect-metadata';
import { mkdirSync } from 'node:fs';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Logger } from 'nestjs-pino';
import type { Channel } from '../../channels/channel.js';
import { loadWorkerConfig } from '../../config/worker.js';
import { fittingEnvelopeKey } from '../../control/keys/stored-passwords.js';
import { createLog } from '../../kernel/log.js';
import { withoutStartNoise } from '../../control/http/nest-log.js';
import { openQueues, openState } from '../../start/start.js';
import { WorkerMetrics } from '../../control/jobs/worker-metrics.js';
import { WorkerModule, type WorkerParts } from '../../control/worker.module.js';
import { commonConditions, companions } from '../../health/conditions.js';
import { readinessOf } from '../../health/readiness.js';
import { serveHealth } from '../../health/serve-health.js';
import type { GatewayProtocol } from '../../gateway/gateway-protocol.js';
import { systemClock } from '../../kernel/clock.js';
import { loadSealKey } from '../../keys/seal-key.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { StateProbe } from '../../persistence/state/state-probe.js';
import { PublishedKeyRepository } from '../../persistence/recordings/published-key.repository.js';
import { warnOfNearMisses } from '../near-misses-warning.js';
import { targetEnder } from './target-ender.js';

/** What a worker can do, as the program's lists say. */
export interface WorkerLists {
  readonly protocols: readonly TargetProtocol[];
  /** How each ends what a dead gateway left. */
  readonly gatewayProtocols: readonly GatewayProtocol[];
  readonly channels: readonly Channel[];
}

/** The worker; returns when it works. It ends with a signal. */
export async function runWorker({ protocols, gatewayProtocols, channels }: WorkerLists): Promise<void> {
  const config = loadWorkerConfig(process.env);
  const log = createLog('worker', config.LOG_LEVEL);
  warnOfNearMisses(log);
  const health = await serveHealth({
    host: config.WORKER_HEALTH_HOST,
    port: config.WORKER_HEALTH_PORT,
    settings: 'WORKER_HEALTH_HOST and WORKER_HEALTH_PORT',
  });
  const [source, queues] = await Promise.all([openState(config, log), openQueues(config, log)]);
  const envelopeKey = await fittingEnvelopeKey(config, source);
  const sealKey = await loadSealKey(config);
  const keys = new PublishedKeyRepository(source);
  const createdAtMs = systemClock.nowMs();
  await keys.publish({ kid: envelopeKey.publicJwk.kid, purpose: 'envelope', jwk: envelopeKey.publicJwk, createdAtMs });
  await keys.publish({ kid: sealKey.kid, purpose: 'seal', jwk: sealKey.publicJwk, createdAtMs });
  mkdirSync(config.RECORDINGS_DIR, { recursive: true, mode: 0o700 });
  const ender = targetEnder(gatewayProtocols);
  const app = await startWorker({ config, source, queues, log, envelopeKey, sealKey, ender, protocols, channels });
  const state = app.get(StateProbe);
  const conditions = { ...commonConditions(state, queues), ...companions(state) };
  health.says({ readiness: () => readinessOf(conditions), metrics: app.get(WorkerMetrics) });
  log.info(health.address, 'listening');
}

/** Nest runs the worker without a web server. */
async function startWorker(parts: WorkerParts): Promise<INestApplicationContext> {
  const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(parts), {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(withoutStartNoise(app.get(Logger)));
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  return app;
}
