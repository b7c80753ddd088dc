import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenFault } from '../../start/start-error.js';
import type { GatewayMetrics } from './metrics.js';

export interface HealthPlace {
  readonly host: string;
  readonly port: number;
}

/** What a gateway that has started says of itself. */
export interface GatewayHealth {
  /** What keeps the gateway from opening grants right now; empty when nothing does. */
  readonly troubles: () => Promise<readonly string[]>;
  /** Until when a gateway that drains keeps its grants, in milliseconds since the epoch; undefined while it takes new ones. */
  readonly drainUntilMs: () => number | undefined;
  readonly grants: () => number;
  readonly sessions: () => number;
  /** Undefined while it starts. */
  readonly metrics: GatewayMetrics | undefined;
}

const STARTING: GatewayHealth = {
  troubles: async () => ['The gateway starts.'],
  drainUntilMs: () => undefined,
  grants: () => 0,
  sessions: () => 0,
  metrics: undefined,
};

/**
 * `GET /health/live`, `GET /health/ready` and `GET /metrics` of a process without a web framework. Nothing else of a
 * gateway starts before it listens: a second one with the same settings ends here, and has touched nothing of the first.
 * @throws StartError
 */
export async function serveGatewayHealth(
  place: HealthPlace,
): Promise<{ server: Server; address: AddressInfo; says: (health: GatewayHealth) => void }> {
  let health = STARTING;
  const server = createServer((request, response) => {
    answer(request.url ?? '', health)
      .then(({ status, type, body }) => response.writeHead(status, { 'Content-Type': type }).end(body))
      .catch(() => response.writeHead(500).end());
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const settings = 'GATEWAY_HEALTH_HOST and GATEWAY_HEALTH_PORT';
  server.once('error', (error) => reject(listenFault({ ...place, settings }, error)));
  server.listen(place.port, place.host, resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The health server has no port.');
  return { server, address, says: (said) => void (health = said) };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function answer(url: string, health: GatewayHealth): Promise<Answer> {
  switch (url.split('?', 1)[0]) {
    case '/health/live':
      return json(200, { status: 'ok' });
    case '/health/ready':
      return readiness(health);
    case '/metrics':
      if (health.metrics === undefined) return readiness(health);
      return { status: 200, type: health.metrics.contentType, body: await health.metrics.text() };
    default:
      return json(404, {
        status: 'error',
        troubles: ['There is no such page: /health/live, /health/ready, /metrics.'],
      });
  }
}

/** One that drains is alive and not ready: whoever sends it something new shall go elsewhere. */
async function readiness({ troubles, drainUntilMs, grants, sessions }: GatewayHealth): Promise<Answer> {
  const untilMs = drainUntilMs();
  if (untilMs !== undefined) {
    const until = new Date(untilMs).toISOString();
    const said = `The gateway drains: it takes no new grants, and keeps those that are open until they end, ${until} at the latest.`;
    return json(503, { status: 'draining', troubles: [said], grants: grants(), sessions: sessions(), until });
  }
  const found = await troubles();
  return found.length === 0 ? json(200, { status: 'ok' }) : json(503, { status: 'error', troubles: found });
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}
