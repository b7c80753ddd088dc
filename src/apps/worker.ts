import 'reflect-metadata';
import { mkdirSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { loadWorkerConfig } from '../config/worker.js';
import { fittingEnvelopeKey } from '../control/keys/stored-passwords.js';
import { createLog } from '../kernel/log.js';
import { withoutStartNoise } from '../control/http/nest-log.js';
import { ProblemFilter } from '../control/http/problem.filter.js';
import { nameRequest } from '../control/http/request-id.js';
import { listenOn } from '../control/http/listen.js';
import { openQueues, openState } from '../start/start.js';
import type { WorkerParts } from '../control/worker-features.js';
import { WorkerModule } from '../control/worker.module.js';
import { systemClock } from '../kernel/clock.js';
import { loadSealKey } from '../keys/seal-key.js';
import { PublishedKeyRepository } from '../persistence/recordings/published-key.repository.js';
import { runProcess, warnOfNearMisses } from './run-process.js';
import { gatewayEnder } from './worker/target-ender.js';

await runProcess('doorwarden worker', async () => {
  const config = loadWorkerConfig(process.env);
  const log = createLog('worker', config.LOG_LEVEL);
  warnOfNearMisses(log);
  const [source, queues] = await Promise.all([openState(config, log), openQueues(config, log)]);
  const envelopeKey = await fittingEnvelopeKey(config, source);
  const sealKey = await loadSealKey(config);
  const keys = new PublishedKeyRepository(source);
  const createdAtMs = systemClock.nowMs();
  await keys.publish({ kid: envelopeKey.publicJwk.kid, purpose: 'envelope', jwk: envelopeKey.publicJwk, createdAtMs });
  await keys.publish({ kid: sealKey.kid, purpose: 'seal', jwk: sealKey.publicJwk, createdAtMs });
  mkdirSync(config.RECORDINGS_DIR, { recursive: true, mode: 0o700 });
  const app = await createWorker({ config, source, queues, log, envelopeKey, sealKey, ender: gatewayEnder });
  await listenOn(app, {
    host: config.WORKER_HEALTH_HOST,
    port: config.WORKER_HEALTH_PORT,
    settings: 'WORKER_HEALTH_HOST and WORKER_HEALTH_PORT',
  });
  const address: unknown = app.getHttpServer().address();
  log.info(typeof address === 'object' ? { ...address } : {}, 'listening');
});

async function createWorker(parts: WorkerParts): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(WorkerModule.forRoot(parts), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(withoutStartNoise(app.get(Logger)));
  app.disable('x-powered-by');
  app.use(nameRequest);
  app.useGlobalFilters(new ProblemFilter());
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  return app;
}
