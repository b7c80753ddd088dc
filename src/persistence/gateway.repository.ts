import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { newGatewayId } from '../domain/ids.js';
import type { GatewayId } from '../kernel/brand.js';
import { BrokerError } from '../kernel/errors.js';
import { atState } from './at-state.js';
import { gatewayEntity, type GatewayRow } from './entities/gateway.js';
import { NOW_MS_SQL } from './state-clock.js';
import { againIfItGaveWay } from './transaction.js';
import { updateRows } from './update-rows.js';

/** As long as several renewals take, so that one that is busy or slow is not taken for dead. */
const SILENT_MS = 5_000;
const LOOK_AGAIN_MS = 250;

/** Another gateway that is alive has the name. */
export class GatewayNameTakenError extends Error {}

/**
 * The leases of gateways. All their times are the state database's, so that the clocks of machines do not matter. A
 * lease that was given up is 0 and stays so: who lost it cannot come back and find its grants ended by someone else.
 */
export class GatewayRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Enters a gateway under its name, unless another one that is alive has it. One that is alive renews its lease every
   * second; of one that is silent for {@link SILENT_MS} the lease is given up, for it is this one's former self that died.
   * @throws GatewayNameTakenError
   */
  async start(name: string, leaseSeconds: number, id = newGatewayId()): Promise<GatewayId> {
    const found = await this.#leasesOf(name);
    for (const untilMs = performance.now() + SILENT_MS; found.length > 0;) {
      const now = await this.#leasesOf(name);
      if (now.some(({ id: other, leaseUntilMs }) => leaseUntilMs !== leaseOf(found, other)))
        throw new GatewayNameTakenError();
      if (now.length === 0 || performance.now() > untilMs) break;
      await pause(LOOK_AGAIN_MS);
    }
    for (const { id: former, leaseUntilMs } of found) {
      // One that renewed in this very moment keeps its lease, and this one cannot enter.
      const where = 'id = :former AND lease_until = :leaseUntilMs';
      await this.#giveUp(where, { former, leaseUntilMs });
    }
    await this.#giveUp(`name = :name AND lease_until <> 0 AND lease_until <= ${NOW_MS_SQL}`, { name });
    if (!(await this.#enter(id, name, leaseSeconds))) throw new GatewayNameTakenError();
    return id;
  }

  /** Of two that enter under one name at the same time, one is told that the other was first. */
  async #enter(id: GatewayId, name: string, leaseSeconds: number): Promise<boolean> {
    const entered: unknown = await againIfItGaveWay(() =>
      this.dataSource.query(
        `INSERT INTO gateways (id, name, lease_until, started_at)
         SELECT ?, ?, ${NOW_MS_SQL} + ?, ${NOW_MS_SQL} FROM DUAL
         WHERE NOT EXISTS (SELECT 1 FROM gateways WHERE name = ? AND lease_until > ${NOW_MS_SQL})`,
        [id, name, leaseSeconds * 1000, name],
      ),
    );
    return Object(entered).affectedRows === 1;
  }

  async #leasesOf(name: string): Promise<readonly Pick<GatewayRow, 'id' | 'leaseUntilMs'>[]> {
    return atState(() =>
      this.dataSource
        .createQueryBuilder(gatewayEntity, 'g')
        .where(`g.name = :name AND g.lease_until > ${NOW_MS_SQL}`, { name })
        .getMany(),
    );
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
    return this.#giveUp(`lease_until <> 0 AND lease_until < ${NOW_MS_SQL} - :marginMs`, {
      marginMs: marginSeconds * 1000,
    });
  }

  /** A gateway that stops in order has ended its grants; should one be left, nobody needs to wait for the lease. */
  async stop(id: GatewayId): Promise<void> {
    await this.#giveUp('id = :id', { id });
  }

  async #giveUp(where: string, parameters: Readonly<Record<string, unknown>>): Promise<number> {
    return updateRows(this.dataSource, gatewayEntity, { set: { leaseUntilMs: 0 }, where, parameters });
  }
}

function leaseOf(leases: readonly Pick<GatewayRow, 'id' | 'leaseUntilMs'>[], id: GatewayId): number | undefined {
  return leases.find((lease) => lease.id === id)?.leaseUntilMs;
}
