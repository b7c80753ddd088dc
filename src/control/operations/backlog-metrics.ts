import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { type Backlog, BacklogRepository } from '../../persistence/state/backlog.repository.js';
import { StateProbe } from '../../persistence/state/state-probe.js';
import { Metrics } from './metrics.js';

interface Seen {
  readonly backlog: Backlog;
  readonly there: Awaited<ReturnType<StateProbe['whoIsThere']>>;
}

/** One look serves all gauges of one answer. */
const LOOK_AGAIN_MS = 500;

/**
 * What waits, and who is there to do something about it. The api tells it, and not the worker: where no worker is there,
 * somebody still has to say what heaps up. Every api says the same. What the state database did not tell is NaN.
 */
@Injectable()
export class BacklogMetrics {
  readonly #backlog: BacklogRepository;
  readonly #probe: StateProbe;
  readonly #metrics: Metrics;
  #looking: Promise<Seen | undefined> | undefined;

  constructor(backlog: BacklogRepository, probe: StateProbe, metrics: Metrics) {
    this.#backlog = backlog;
    this.#probe = probe;
    this.#metrics = metrics;
    this.#gauge('doorwarden_questions_waiting', 'Questions that wait for people.', 'kind', ({ backlog }) => [
      ['statement', backlog.questions.statement.count],
      ['grant', backlog.questions.grant.count],
    ]);
    this.#gauge(
      'doorwarden_questions_oldest_seconds',
      'How long the oldest of them has waited.',
      'kind',
      ({ backlog }) => [
        ['statement', backlog.questions.statement.oldestSeconds],
        ['grant', backlog.questions.grant.oldestSeconds],
      ],
    );
    this.#gauge(
      'doorwarden_recordings_unsealed',
      'Recordings of grants that have ended and are not sealed.',
      undefined,
      (seen) => [['', seen.backlog.unsealed.count]],
    );
    this.#gauge(
      'doorwarden_recordings_unsealed_oldest_seconds',
      'How long ago the first of those grants has ended.',
      undefined,
      (seen) => [['', seen.backlog.unsealed.oldestSeconds]],
    );
    this.#gauge(
      'doorwarden_gateways',
      'Gateways that are alive: those that take new grants, and those that drain.',
      'state',
      ({ there }) => [
        ['running', there.gateways],
        ['draining', there.draining],
      ],
    );
    this.#gauge('doorwarden_workers', 'Workers that are alive.', undefined, ({ there }) => [['', there.workers]]);
  }

  #gauge(
    name: string,
    help: string,
    label: 'kind' | 'state' | undefined,
    values: (seen: Seen) => readonly (readonly [string, number])[],
  ): void {
    const made: Gauge<'kind' | 'state'> = new Gauge({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [this.#metrics.registry],
      collect: async () => {
        const seen = await this.#look();
        for (const [word, value] of values(seen ?? UNKNOWN)) {
          made.set(label === undefined ? {} : { [label]: word }, value);
        }
      },
    });
  }

  #look(): Promise<Seen | undefined> {
    if (this.#looking === undefined) {
      this.#looking = Promise.all([this.#backlog.look(), this.#probe.whoIsThere()]).then(
        ([backlog, there]) => ({ backlog, there }),
        () => undefined,
      );
      setTimeout(() => (this.#looking = undefined), LOOK_AGAIN_MS).unref();
    }
    return this.#looking;
  }
}

const NOT_KNOWN = { count: Number.NaN, oldestSeconds: Number.NaN };
const UNKNOWN: Seen = {
  backlog: { questions: { statement: NOT_KNOWN, grant: NOT_KNOWN }, unsealed: NOT_KNOWN },
  there: { gateways: Number.NaN, draining: Number.NaN, workers: Number.NaN },
};
