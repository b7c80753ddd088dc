import { IsNull, type DataSource } from 'typeorm';
import type { CloseReason } from '../../domain/grant.js';
import type { GrantAuthority, GrantOrder, LeaseNews } from '../../gateway/ports.js';
import { UNNAMED_PROTOCOL, type Verifier } from '../../domain/protocol-value.js';
import { assert } from '../../kernel/assert.js';
import type { GatewayId, GrantId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import type { ErrorCode } from '../../kernel/errors/error-table.js';
import type { EnvelopeKey } from '../../keys/envelope.js';
import type { AnnounceGrant } from './announce.js';
import { atState } from '../state/at-state.js';
import { grantEntity, type GrantRow } from '../entities/grants/grant.js';
import { GatewayRepository } from '../processes/gateway.repository.js';
import { closeGrant, moveGrant } from './grant-move.js';
import { GrantOrderReader } from './grant-order.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { updateRows } from '../state/update-rows.js';

/** A detail may list as many statements as somebody asked for tables; the column holds 64 KiB. */
const REFUSE_DETAIL_CHARACTERS_MAX = 4_000;

export interface GrantAuthorityOptions {
  readonly dataSource: DataSource;
  readonly envelopeKey: EnvelopeKey;
  readonly clock: Clock;
  readonly leaseSeconds: number;
  readonly announce: AnnounceGrant;
  /** Asks the worker to seal, best effort: the worker looks for grants that ended by itself every few seconds. */
  readonly requestSeal: (id: GrantId) => void;
}

/** The state of grants, kept in the state database. */
export class DatabaseGrantAuthority implements GrantAuthority {
  readonly #options: GrantAuthorityOptions;
  readonly #orders: GrantOrderReader;
  readonly #gateways: GatewayRepository;

  constructor(options: GrantAuthorityOptions) {
    this.#options = options;
    this.#orders = new GrantOrderReader(options.dataSource, options.envelopeKey);
    this.#gateways = new GatewayRepository(options.dataSource);
  }

  async claim(id: GrantId, gateway: GatewayId): Promise<GrantOrder | undefined> {
    const updated = await updateRows(this.#options.dataSource, grantEntity, {
      set: { gatewayId: gateway },
      where:
        "id = :id AND gateway_id IS NULL AND state = 'requested' AND (approval_id IS NULL OR approved_at IS NOT NULL) " +
        `AND deadline_at > ${NOW_MS_SQL}`,
      parameters: { id },
    });
    return updated === 1 ? this.#orders.read(id) : undefined;
  }

  async activate(
    id: GrantId,
    { host, port, caPem }: { readonly host: string; readonly port: number; readonly caPem: string },
  ): Promise<boolean> {
    const moved = await moveGrant(this.#options.dataSource, {
      id,
      to: 'active',
      set: { endpointHost: host, endpointPort: port, endpointCa: caPem, activeAtMs: this.#options.clock.nowMs() },
      and: 'gateway_id IS NOT NULL',
    });
    if (moved) this.#options.announce(id, 'active');
    return moved;
  }

  async refuse(id: GrantId, code: ErrorCode, detail: string | undefined): Promise<boolean> {
    const set = { refuseCode: code, refuseDetail: detail?.slice(0, REFUSE_DETAIL_CHARACTERS_MAX) ?? null };
    const moved = await moveGrant(this.#options.dataSource, { id, to: 'refused', set });
    if (moved) this.#options.announce(id, 'refused');
    // Someone closed it meanwhile; nothing is left of it, so its end has come already.
    else await this.ended(id);
    return moved;
  }

  async beginClose(id: GrantId, reason: CloseReason): Promise<boolean> {
    const { dataSource, clock } = this.#options;
    const moved = await closeGrant(dataSource, {
      id,
      reason,
      by: null,
      nowMs: clock.nowMs(),
      and: 'gateway_id IS NOT NULL',
    });
    if (moved) this.#options.announce(id, 'closing');
    return moved;
  }

  async ended(id: GrantId): Promise<void> {
    const updated = await updateRows(this.#options.dataSource, grantEntity, {
      set: { endedAtMs: this.#options.clock.nowMs() },
      where: "id = :id AND state = 'closing' AND ended_at IS NULL",
      parameters: { id },
    });
    if (updated === 1) this.#options.requestSeal(id);
  }

  async credentialVerifier(id: GrantId): ReturnType<GrantAuthority['credentialVerifier']> {
    const grant = await atState(() =>
      this.#options.dataSource.getRepository(grantEntity).findOne({
        where: { id },
        select: { id: true, connectionShownAtMs: true, verifier: true, nativeHash: true, cachingSha2Hash: true },
      }),
    );
    if (grant === null || grant.connectionShownAtMs === null) return undefined;
    return grant.verifier ?? verifierOfBefore(grant);
  }

  async renewLease(gateway: GatewayId, drainMsLeft: number | null): Promise<LeaseNews> {
    await this.#gateways.renew(gateway, { leaseSeconds: this.#options.leaseSeconds, drainMsLeft });
    const drainAskedBy = await this.#gateways.drainAskedBy(gateway);
    const rows = await atState(() =>
      this.#options.dataSource.getRepository(grantEntity).find({
        where: { gatewayId: gateway, state: 'closing', endedAtMs: IsNull() },
        select: { id: true, closeReason: true, closedBy: true },
      }),
    );
    const closing = rows.map(({ id, closeReason, closedBy }) => {
      assert(closeReason !== null, 'a closing grant has a reason');
      return { id, reason: closeReason, by: closedBy };
    });
    return { closing, drainAskedBy };
  }
}

/** While apis of the version before still run, grants come with hashes in columns of their own. */
function verifierOfBefore({
  nativeHash,
  cachingSha2Hash,
}: Pick<GrantRow, 'nativeHash' | 'cachingSha2Hash'>): Verifier | undefined {
  if (nativeHash === null || cachingSha2Hash === null) return undefined;
  const hashes = { nativeHash: nativeHash.toString('base64'), cachingSha2Hash: cachingSha2Hash.toString('base64') };
  return { protocol: UNNAMED_PROTOCOL, ...hashes };
}
