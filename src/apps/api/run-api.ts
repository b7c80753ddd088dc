import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { Logger } from 'nestjs-pino';
import { loadApiConfig } from '../../config/api.js';
import { ApiModule, type ApiParts } from '../../control/api.module.js';
import { createLog } from '../../kernel/log.js';
import { Metrics } from '../../control/operations/metrics.js';
import { withoutStartNoise } from '../../control/http/nest-log.js';
import { OPERATIONS, UNLISTED_CALLS } from '../../control/http/operations-table.js';
import { serveOpenApi } from '../../control/http/openapi.js';
import { ProblemFilter } from '../../control/http/problem.filter.js';
import { nameRequest } from '../../control/http/request-id.js';
import { keepOrigin } from '../../control/http/call-origin.js';
import { createSchemaPipe } from '../../control/http/schema.pipe.js';
import { listenOn } from '../../control/http/listen.js';
import { PublicAddress } from '../../control/sign-in/public-address.js';
import { openQueues, openState } from '../../start/start.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { packageVersion, warnOfNearMisses } from '../run-process.js';

const BODY_BYTES_MAX = 1024 * 1024;

/** The api, for targets of these protocols; returns when it listens. It ends with a signal. */
export async function runApi(protocols: readonly TargetProtocol[]): Promise<void> {
  const config = loadApiConfig(process.env);
  const log = createLog('api', config.LOG_LEVEL);
  warnOfNearMisses(log);
  const [source, queues] = await Promise.all([openState(config, log), openQueues(config, log)]);
  const app = await createApi({ config, source, queues, log, protocols });
  await listenOn(app, { host: config.API_HOST, port: config.API_PORT, settings: 'API_HOST and API_PORT' });
  const address: unknown = app.getHttpServer().address();
  if (typeof address === 'object' && address !== null && 'port' in address) {
    app.get(PublicAddress).listensOn(Number(address.port));
  }
  log.info(typeof address === 'object' ? { ...address } : {}, 'listening');
}

async function createApi(parts: ApiParts): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.forRoot(parts), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(withoutStartNoise(app.get(Logger)));
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple'); // no nested objects in queries: a schema sees text or a list of texts
  app.use(nameRequest, keepOrigin, app.get(Metrics).measure, setHeaders);
  app.useBodyParser('json', { limit: BODY_BYTES_MAX });
  app.useGlobalPipes(createSchemaPipe());
  app.useGlobalFilters(new ProblemFilter([...Object.keys(OPERATIONS), ...UNLISTED_CALLS]));
  serveOpenApi(app, packageVersion(), parts.protocols);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  return app;
}

function setHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cache-Control', 'no-store');
  next();
}
