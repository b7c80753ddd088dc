import { Controller, Get, Header, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { HealthCheck, type HealthCheckResult, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { StateProbe } from '../../persistence/state/state-probe.js';
import { Public } from '../http/access.js';
import { HealthFilter } from './health.filter.js';
import { Metrics } from './metrics.js';
import { Queues } from '../../messaging/queues.js';

const NO_GATEWAY = 'No gateway is there: no grant opens, no target is registered until one starts.';
const ONLY_DRAINING =
  'All gateways that are there drain: no grant opens, no target is registered until another one starts; open grants go on.';
const NO_WORKER = 'No worker is there: nothing is sealed, nobody is notified until one starts.';

/** What those who run the broker look at. Nothing in it is secret, so it needs no key. */
@ApiExcludeController()
@Controller()
export class OperationsController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly state: StateProbe,
    private readonly queues: Queues,
    private readonly metrics: Metrics,
  ) {}

  /** The process runs and answers; it does not need anything else for that. */
  @Get('health/live')
  @Public()
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  /** The process can do its work: 503 with the reason when it cannot. */
  @Get('health/ready')
  @Public()
  @HealthCheck()
  @UseFilters(HealthFilter)
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.#check('database', () => this.state.ping()),
      () => this.#check('queue', () => this.queues.ping()),
      () => this.#gateways(),
      () => this.#workers(),
    ]);
  }

  @Get('metrics')
  @Public()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  expose(): Promise<string> {
    return this.metrics.registry.metrics();
  }

  /**
   * Without a gateway or a worker this process still answers, closes and decides: it is degraded and says what does not
   * happen meanwhile, and is no less ready for that.
   */
  async #gateways() {
    const session = this.indicators.check('gateways');
    try {
      const { gateways: alive, draining } = await this.state.whoIsThere();
      if (alive > 0) return session.up({ alive, draining });
      return session.degraded({ alive, draining, message: draining === 0 ? NO_GATEWAY : ONLY_DRAINING });
    } catch {
      return session.down('The state database did not say.');
    }
  }

  async #workers() {
    const session = this.indicators.check('workers');
    try {
      const { workers: alive } = await this.state.whoIsThere();
      return alive === 0 ? session.degraded({ alive, message: NO_WORKER }) : session.up({ alive });
    } catch {
      return session.down('The state database did not say.');
    }
  }

  async #check(name: string, ask: () => Promise<unknown>) {
    return this.indicators.check(name).attempt(async () => {
      await ask();
    });
  }
}
