import type { GrantId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import type { GrantSweepRepository } from '../../persistence/grants/grant-sweep.repository.js';
import type { GrantRepository } from '../../persistence/grants/grant.repository.js';
import type { GrantSignals } from '../../messaging/grant-signals.js';

/** Closes grants at their deadline, besides the gateway's own clock: neither depends on the other. */
export class GrantExpiry {
  constructor(
    private readonly sweep: GrantSweepRepository,
    private readonly grants: GrantRepository,
    private readonly signals: GrantSignals,
    private readonly clock: Clock,
  ) {}

  /** Does nothing when the grant was closed before, or its deadline has not come, no matter who says so. */
  async expire(id: GrantId): Promise<void> {
    if (!(await this.sweep.expire(id, this.clock.nowMs()))) return;
    const grant = await this.grants.find(id);
    if (grant === undefined) return;
    this.signals.changed(id, grant.state);
    if (grant.gatewayId !== null) this.signals.wakeGateway(grant.gatewayId);
  }
}
