import { type BeforeApplicationShutdown, Controller, Get, Header, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { commonConditions, companions } from '../../health/conditions.js';
import { metricsText } from '../../health/process-metrics.js';
import {
  type ConditionChecks,
  type Readiness,
  readinessOf,
  statusCodeOf,
  type Stopping,
} from '../../health/readiness.js';
import { Queues } from '../../messaging/queues.js';
import { StateProbe } from '../../persistence/state/state-probe.js';
import { Public } from '../http/access.js';
import { CountsAs } from '../limits/counts-as.js';
import { Metrics } from './metrics.js';

const SHUTTING_DOWN: Stopping = { status: 'shutting_down', trouble: 'The api stops.', facts: {} };

/** What those who run the broker look at. Nothing in it is secret, so it needs no key. */
@ApiExcludeController()
@Controller()
@CountsAs('nothing')
export class OperationsController implements BeforeApplicationShutdown {
  readonly #conditions: ConditionChecks;
  #stopping: Stopping | undefined;

  constructor(
    state: StateProbe,
    queues: Queues,
    private readonly metrics: Metrics,
  ) {
    this.#conditions = { ...commonConditions(state, queues), ...companions(state) };
  }

  /** The process runs and answers; it does not need anything else for that. */
  @Get('health/live')
  @Public()
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  /** The process can do its work: 503 with the reason when it cannot. */
  @Get('health/ready')
  @Public()
  async ready(@Res({ passthrough: true }) response: Response): Promise<Readiness> {
    const readiness = await readinessOf(this.#conditions, this.#stopping);
    response.status(statusCodeOf(readiness));
    return readiness;
  }

  @Get('metrics')
  @Public()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  expose(): Promise<string> {
    return metricsText(this.metrics.registry);
  }

  beforeApplicationShutdown(): void {
    this.#stopping = SHUTTING_DOWN;
  }
}
