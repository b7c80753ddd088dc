import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Metrics } from '../operations/metrics.js';
import type { SlackCounts } from './slack-interactions.js';

/** What the api counts of Slack. */
@Injectable()
export class SlackMetrics implements SlackCounts {
  readonly #acted: Counter<'outcome'>;
  readonly #sockets: Gauge;

  constructor(metrics: Metrics) {
    this.#acted = new Counter({
      name: 'doorwarden_slack_interactions_total',
      help: 'Clicks, forms and commands of Slack by what became of them.',
      labelNames: ['outcome'],
      registers: [metrics.registry],
    });
    this.#sockets = new Gauge({
      name: 'doorwarden_slack_connections',
      help: 'Connections of Socket Mode that stand; 0 without it.',
      registers: [metrics.registry],
    });
  }

  acted(outcome: 'done' | 'refused' | 'repeated'): void {
    this.#acted.inc({ outcome });
  }

  standing(count: number): void {
    this.#sockets.set(count);
  }
}
