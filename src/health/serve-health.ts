import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenFault, type ListenPlace } from '../start/start-error.js';
import { type ConditionChecks, type Readiness, readinessOf, statusCodeOf } from './readiness.js';

/** What a process that only works says of itself. */
export interface Health {
  readonly readiness: () => Promise<Readiness>;
  readonly metrics: HealthMetrics;
}

/** The format of Prometheus. */
export interface HealthMetrics {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface HealthServer {
  readonly server: Server;
  readonly address: AddressInfo;
  /** Until this is called the process answers that it starts. */
  says(health: Health): void;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const PATHS = '/health/live, /health/ready, /metrics';
const READ = new Set<string | undefined>(['GET', 'HEAD']);
const STARTS: ConditionChecks = { starting: async () => ({ status: 'down', message: 'The process starts.' }) };

/**
 * `GET /health/live`, `GET /health/ready` and `GET /metrics` of a process that only works: a gateway or a worker. It listens
 * before anything else of the process starts: a second process with the same settings ends here, and has touched nothing
 * of the first.
 * @throws StartError
 */
export async function serveHealth(place: ListenPlace): Promise<HealthServer> {
  let health: Health | undefined;
  const server = createServer((request, response) => {
    answer(request, health)
      .then(({ status, type, body }) => {
        if (status === 405) response.setHeader('Allow', 'GET, HEAD');
        response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body);
      })
      .catch(() => response.writeHead(500).end());
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error) => reject(listenFault(place, error)));
  server.listen(place.port, place.host, resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The health server has no port.');
  return { server, address, says: (said) => void (health = said) };
}

async function answer({ method, url = '' }: IncomingMessage, health: Health | undefined): Promise<Answer> {
  const path = url.split('?', 1)[0];
  if (path !== '/health/live' && path !== '/health/ready' && path !== '/metrics') {
    return json(404, { status: 'error', troubles: [`There is no such page: ${PATHS}.`] });
  }
  if (!READ.has(method)) {
    return json(405, { status: 'error', troubles: [`${path} can only be read: use GET or HEAD.`] });
  }
  if (path === '/health/live') return json(200, { status: 'ok' });
  if (path === '/metrics' && health !== undefined) {
    return { status: 200, type: health.metrics.contentType, body: await health.metrics.text() };
  }
  const readiness = await (health?.readiness() ?? readinessOf(STARTS));
  return json(statusCodeOf(readiness), readiness);
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}
