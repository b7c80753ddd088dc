import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { Counter } from 'prom-client';
import type { BucketAnswer, BucketSize } from '../../domain/bucket.js';
import { BrokerError } from '../../kernel/errors.js';
import { Metrics } from '../operations/metrics.js';
import { ALLOWANCES, type AllowanceName } from './allowances.js';
import { limitItem, policyItem, secondsUntil } from './rate-headers.js';

/** How a call that came too often is told so, and counted. */
@Injectable()
export class LimitRefusal {
  readonly #limited: Counter<'limit'>;

  constructor(metrics: Metrics) {
    this.#limited = new Counter({
      name: 'doorwarden_requests_limited_total',
      help: 'Requests that were refused because there were too many, by limit.',
      labelNames: ['limit'],
      registers: [metrics.registry],
    });
  }

  /** @throws BrokerError `too_many_requests`, always, with what `Retry-After` says in `retryAfterSeconds` */
  refuse(response: Response, name: AllowanceName, size: BucketSize, { nextMs }: Pick<BucketAnswer, 'nextMs'>): never {
    this.#limited.inc({ limit: name });
    const seconds = Math.max(secondsUntil(nextMs), 1);
    response.setHeader('Retry-After', String(seconds));
    response.setHeader('RateLimit-Policy', policyItem(name, size));
    response.setHeader('RateLimit', limitItem(name, { left: 0, nextMs: seconds * 1000 }));
    throw new BrokerError('too_many_requests', {
      detail: `There may be ${size.units} ${ALLOWANCES[name].what} in ${secondsUntil(size.periodMs)} s. Try again in ${seconds} s.`,
      fields: { limit: name, retryAfterSeconds: seconds },
    });
  }
}
