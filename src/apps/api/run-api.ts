import 'reflect-metadata';
import type { Server } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { loadApiConfig, readableApiSettings } from '../../config/api.js';
import { ApiModule, type ApiParts } from '../../control/api.module.js';
import { createLog } from '../../kernel/log.js';
import { Metrics } from '../../control/operations/metrics.js';
import { withoutStartNoise } from '../../control/http/nest-log.js';
import { OPERATIONS, UNLISTED_CALLS } from '../../control/http/operations-table.js';
import { serveOpenApi } from '../../control/http/openapi.js';
import { ProblemFilter } from '../../control/http/problem.filter.js';
import { isParsedEarly } from '../../control/http/json-bodies.js';
import { nameRequest } from '../../control/http/request-id.js';
import { keepOrigin } from '../../control/http/call-origin.js';
import { createSchemaPipe } from '../../control/http/schema.pipe.js';
import { BODY_BYTES_MAX } from '../../control/http/caller-limits.js';
import { safeHeaders } from '../../control/http/safe-headers.js';
import { trustedProxies } from '../../control/http/trusted-proxies.js';
import { listenOn } from '../../control/http/listen.js';
import { PublicAddress } from '../../control/sign-in/browser/public-address.js';
import { openQueues, openState } from '../../start/start.js';
import type { StatementRunner } from '../../protocol/statement-runner.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { warnOfNearMisses } from '../near-misses-warning.js';
import { packageVersion } from '../package-version.js';
import { printFirstLink } from './first-link.js';
import { TlsFiles } from './tls-files.js';

export interface ApiProcessOptions {
  /** The first link works from any address, and not on this machine alone. */
  readonly anyAddress?: boolean;
  /** How the MCP server runs statements for agents; without it, it runs none. */
  readonly statements?: StatementRunner;
}

/** The api, for targets of these protocols; returns when it listens. It ends with a signal. */
export async function runApi(
  protocols: readonly TargetProtocol[],
  { anyAddress = false, statements }: ApiProcessOptions = {},
): Promise<void> {
  const config = loadApiConfig(process.env);
  const log = createLog('api', config.LOG_LEVEL);
  warnOfNearMisses(log);
  const tls = TlsFiles.of(config, log);
  const [source, queues] = await Promise.all([openState(config, log), openQueues(config, log)]);
  const facts = { version: packageVersion(), settings: readableApiSettings(process.env) };
  const app = await createApi({ config, facts, source, queues, log, protocols, statements }, tls);
  await listenOn(app, { host: config.API_HOST, port: config.API_PORT, settings: 'API_HOST and API_PORT' });
  const server: Server = app.getHttpServer();
  closeConnectionsWhenStopping(server);
  if (server instanceof HttpsServer) tls?.follow(server);
  const address = server.address();
  const publicAddress = app.get(PublicAddress);
  if (typeof address === 'object' && address !== null) publicAddress.listensOn(address.port);
  const { fault } = publicAddress;
  if (fault === undefined) await printFirstLink(app, { anyAddress, log });
  else log.warn({ reason: fault }, 'people cannot sign in');
  log.info(typeof address === 'object' ? { ...address } : {}, 'listening');
}

/** A client that asks again at once, on the connection that it has, would keep an api from its end. */
function closeConnectionsWhenStopping(server: Server): void {
  server.prependListener('request', (_request, response) => {
    if (!server.listening) response.setHeader('connection', 'close');
  });
}

async function createApi(parts: ApiParts, tls: TlsFiles | undefined): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.forRoot(parts), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
    ...(tls === undefined ? {} : { httpsOptions: tls.pair }),
  });
  app.useLogger(withoutStartNoise(app.get(Logger)));
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple'); // no nested objects in queries: a schema sees text or a list of texts
  app.set('trust proxy', trustedProxies(parts.config.TRUSTED_PROXY));
  const hasTls = app.get(PublicAddress).origin.startsWith('https://');
  app.use(nameRequest, keepOrigin, app.get(Metrics).measure, ...safeHeaders({ hasTls }));
  app.useBodyParser('json', { limit: BODY_BYTES_MAX, type: isParsedEarly });
  app.useGlobalPipes(createSchemaPipe());
  app.useGlobalFilters(new ProblemFilter([...Object.keys(OPERATIONS), ...UNLISTED_CALLS]));
  serveOpenApi(app, parts.facts.version, parts.protocols);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  return app;
}
