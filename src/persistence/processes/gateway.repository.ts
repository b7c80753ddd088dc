import { setTimeout as pause } from 'node:timers/promises';
import { gatewayIdOf, newGatewayId } from '../../domain/ids.js';
import type { GatewayId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import { atState } from '../state/at-state.js';
import type { StateAccess } from '../state/state-transaction.js';
import { gatewayEntity, type GatewayRow } from '../entities/processes/gateway.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { againIfItGaveWay } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';

/** As long as several renewals take, so that one that is busy or slow is not taken for dead. */
const SILENT_MS = 5_000;
const LOOK_AGAIN_MS = 250;
/** More than anybody runs; a list of them is read whole. */
const PRESENT_MAX = 1_000;

/** A gateway as operators see it. */
export interface PresentGateway extends Omit<GatewayRow, 'leaseUntilMs'> {
  readonly isAlive: boolean;
  /** Grants of it that have not ended. */
  readonly openGrants: number;
}

/** For how long a gateway is alive from now on; and how long it drains at most, null while it takes new grants. */
export interface Renewal {
  readonly leaseSeconds: number;
  readonly drainMsLeft: number | null;
}

/** Another gateway that is alive has the name. */
export class GatewayNameTakenError extends Error {}

/**
 * The leases of gateways. All their times are the state database's, so that the clocks of machines do not matter. A
 * lease that was given up is 0 and stays so: who lost it cannot come back and find its grants ended by someone else.
 */
export class GatewayRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /**
   * Registers a gateway under its name, unless another one that is alive has it. One that is alive renews its lease every
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
      // One that renewed in this very moment keeps its lease, and this one cannot register.
      const where = 'id = :former AND lease_until = :leaseUntilMs';
      await this.#giveUp(where, { former, leaseUntilMs });
    }
    await this.#giveUp(`name = :name AND lease_until <> 0 AND lease_until <= ${NOW_MS_SQL}`, { name });
    if (!(await this.#register(id, name, leaseSeconds))) throw new GatewayNameTakenError();
    return id;
  }

  /** Of two that register under one name at the same time, one is told that the other was first. */
  async #register(id: GatewayId, name: string, leaseSeconds: number): Promise<boolean> {
    const registered: unknown = await againIfItGaveWay(() =>
      this.dataSource.query(
        `INSERT INTO gateways (id, name, lease_until, started_at)
         SELECT ?, ?, ${NOW_MS_SQL} + ?, ${NOW_MS_SQL} FROM DUAL
         WHERE NOT EXISTS (SELECT 1 FROM gateways WHERE name = ? AND lease_until > ${NOW_MS_SQL})`,
        [id, name, leaseSeconds * 1000, name],
      ),
    );
    return Object(registered).affectedRows === 1;
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
  async renew(id: GatewayId, { leaseSeconds, drainMsLeft }: Renewal): Promise<void> {
    const renewed = await updateRows(this.dataSource, gatewayEntity, {
      set: {
        leaseUntilMs: () => `${NOW_MS_SQL} + :leaseMs`,
        // Said once, so that the time does not wander with every renewal.
        ...(drainMsLeft === null ? {} : { drainUntilMs: () => `COALESCE(drain_until, ${NOW_MS_SQL} + :drainMsLeft)` }),
      },
      where: 'id = :id AND lease_until <> 0',
      parameters: { id, leaseMs: leaseSeconds * 1000, drainMsLeft },
    });
    if (renewed === 1) return;
    throw new BrokerError('gateway_stopping', { detail: 'The lease of this gateway has ended.' });
  }

  /**
   * Gateways that are alive, and those that are not and have grants that nobody has ended yet; by name. @param name one of
   * them only, by its very name
   */
  async present(name?: string): Promise<readonly PresentGateway[]> {
    const rows: readonly Readonly<Record<string, unknown>>[] = await atState(() =>
      this.dataSource.query(
        `SELECT id, name, started_at, drain_asked_at, drain_asked_by, drain_until, is_alive, open_grants
         FROM (SELECT g.*, g.lease_until > ${NOW_MS_SQL} AS is_alive,
                      (SELECT COUNT(*) FROM grants WHERE grants.gateway_id = g.id AND grants.ended_at IS NULL
                       AND grants.state IN ('requested', 'active', 'closing')) AS open_grants
               FROM gateways g) AS seen
         WHERE (is_alive OR open_grants > 0) AND (? IS NULL OR name = ?)
         ORDER BY name, started_at LIMIT ?`,
        [name ?? null, name ?? null, PRESENT_MAX],
      ),
    );
    return rows.map(presentGateway);
  }

  /** Asks a gateway to drain; the first operator who asked stays noted. False when no gateway that is alive has the id. */
  async askToDrain(id: GatewayId, by: string): Promise<boolean> {
    const asked = await updateRows(this.dataSource, gatewayEntity, {
      set: {
        drainAskedBy: () => 'COALESCE(drain_asked_by, :by)',
        drainAskedAtMs: () => `COALESCE(drain_asked_at, ${NOW_MS_SQL})`,
      },
      where: `id = :id AND lease_until > ${NOW_MS_SQL}`,
      parameters: { id, by },
    });
    return asked === 1;
  }

  /** The operator who asked a gateway to drain; undefined when nobody did. */
  async drainAskedBy(id: GatewayId): Promise<string | undefined> {
    const row = await atState(() =>
      this.dataSource
        .getRepository(gatewayEntity)
        .findOne({ where: { id }, select: { id: true, drainAskedAtMs: true, drainAskedBy: true } }),
    );
    return row === null || row.drainAskedAtMs === null ? undefined : (row.drainAskedBy ?? '');
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

function presentGateway(row: Readonly<Record<string, unknown>>): PresentGateway {
  const msOrNull = (value: unknown): number | null => (value === null ? null : Number(value));
  const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    id: gatewayIdOf(String(row['id'])),
    name: String(row['name']),
    isAlive: Number(row['is_alive']) === 1,
    openGrants: Number(row['open_grants']),
    startedAtMs: Number(row['started_at']),
    drainAskedAtMs: msOrNull(row['drain_asked_at']),
    drainAskedBy: textOrNull(row['drain_asked_by']),
    drainUntilMs: msOrNull(row['drain_until']),
  };
}

function leaseOf(leases: readonly Pick<GatewayRow, 'id' | 'leaseUntilMs'>[], id: GatewayId): number | undefined {
  return leases.find((lease) => lease.id === id)?.leaseUntilMs;
}
