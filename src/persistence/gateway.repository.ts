import type { DataSource } from 'typeorm';
import { newGatewayId } from '../domain/ids.js';
import type { GatewayId } from '../kernel/brand.js';
import { BrokerError } from '../kernel/errors.js';
import { atState } from './at-state.js';
import { gatewayEntity } from './entities/gateway.js';
import { NOW_MS_SQL } from './state-clock.js';
import { updateRows } from './update-rows.js';

/**
 * The leases of gateways. All their times are the state database's, so that the clocks of machines do not matter. A
 * lease that was given up is 0 and stays so: who lost it cannot come back and find its grants ended by someone else.
 */
export class GatewayRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Enters a gateway that starts; earlier ones of its name are given up, for they are this one's former self. */
  async start(name: string, leaseSeconds: number): Promise<GatewayId> {
    const id = newGatewayId();
    await atState(() =>
      this.dataSource.query(
        `INSERT INTO gateways (id, name, lease_until, started_at) VALUES (?, ?, ${NOW_MS_SQL} + ?, ${NOW_MS_SQL})`,
        [id, name, leaseSeconds * 1000],
      ),
    );
    await updateRows(this.dataSource, gatewayEntity, {
      set: { leaseUntilMs: 0 },
      where: 'name = :name AND id <> :id AND lease_until <> 0',
      parameters: { name, id },
    });
    return id;
  }

  /** @throws BrokerError `gateway_stopping` when the lease was given up: this process must end its sessions. */
  async renew(id: GatewayId, leaseSeconds: number): Promise<void> {
    const renewed = await updateRows(this.dataSource, gatewayEntity, {
      set: { leaseUntilMs: () => `${NOW_MS_SQL} + :leaseMs` },
      where: 'id = :id AND lease_until <> 0',
      parameters: { id, leaseMs: leaseSeconds * 1000 },
    });
    if (renewed === 1) return;
    throw new BrokerError('gateway_stopping', { detail: 'The lease of this gateway was given up.' });
  }

  /** Gives up the gateways that did not renew in time; their grants can be finished by anyone from now on. */
  async giveUpDead(marginSeconds: number): Promise<number> {
    return updateRows(this.dataSource, gatewayEntity, {
      set: { leaseUntilMs: 0 },
      where: `lease_until <> 0 AND lease_until < ${NOW_MS_SQL} - :marginMs`,
      parameters: { marginMs: marginSeconds * 1000 },
    });
  }

  /** A gateway that stops in order has ended its grants; should one be left, nobody needs to wait for the lease. */
  async stop(id: GatewayId): Promise<void> {
    await updateRows(this.dataSource, gatewayEntity, {
      set: { leaseUntilMs: 0 },
      where: 'id = :id',
      parameters: { id },
    });
  }
}
