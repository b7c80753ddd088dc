import { Injectable } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { Histogram, Registry } from 'prom-client';

const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What a process counts, in the format of Prometheus. Labels never hold names that callers choose. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  readonly #requests: Histogram<'method' | 'route' | 'status'>;

  constructor() {
    this.#requests = new Histogram({
      name: 'doorwarden_http_request_duration_seconds',
      help: 'How long HTTP requests took.',
      labelNames: ['method', 'route', 'status'],
      buckets: DURATION_BUCKETS_SECONDS,
      registers: [this.registry],
    });
  }

  /** An express handler that measures every request that comes after it. */
  measure = (request: Request, response: Response, next: NextFunction): void => {
    const end = this.#requests.startTimer({ method: request.method });
    response.once('finish', () => end({ route: routeOf(request), status: String(response.statusCode) }));
    next();
  };
}

/** The route's pattern; what met no route shares one label, or a scanner could make any number of them. */
function routeOf(request: Request): string {
  const route: unknown = request.route;
  const isKnown = typeof route === 'object' && route !== null && 'path' in route && typeof route.path === 'string';
  return isKnown ? String(route.path) : 'none';
}
