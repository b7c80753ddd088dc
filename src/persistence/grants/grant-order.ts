import type { DataSource } from 'typeorm';
import type { GrantOrder } from '../../gateway/ports.js';
import type { GrantId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import type { EnvelopeKey } from '../../keys/envelope.js';
import { atState } from '../state/at-state.js';
import { grantEntity, type GrantRow } from '../entities/grants/grant.js';
import { targetEntity, type TargetRow } from '../entities/grants/target.js';

/** Makes the orders that gateways and the reaper work by: a grant with its target, the target's password in the clear. */
export class GrantOrderReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly envelopeKey: EnvelopeKey,
  ) {}

  /** @throws BrokerError `grant_not_found`, `target_not_found`, `target_credential_missing` */
  async read(id: GrantId): Promise<GrantOrder> {
    const [grant, target] = await atState(() => this.#find(id));
    if (grant === null) throw new BrokerError('grant_not_found');
    if (target === null) throw new BrokerError('target_not_found');
    return orderOf(grant, target, await this.#loginOf(target));
  }

  /** Both at once: this stands between a request and its connection. */
  #find(id: GrantId): Promise<[GrantRow | null, TargetRow | null]> {
    return Promise.all([
      this.dataSource.getRepository(grantEntity).findOneBy({ id }),
      this.dataSource
        .getRepository(targetEntity)
        .createQueryBuilder('target')
        .where('target.id = (SELECT target_id FROM grants WHERE id = :id)', { id })
        .getOne(),
    ]);
  }

  async #loginOf({ id, host, port, tls, username, sealedPassword }: TargetRow): Promise<GrantOrder['target']['login']> {
    if (sealedPassword === null) throw new BrokerError('target_credential_missing');
    const password = await this.envelopeKey.open(sealedPassword, { targetId: id, host, port, tls, username });
    return { username, password };
  }
}

function orderOf(grant: GrantRow, target: TargetRow, login: GrantOrder['target']['login']): GrantOrder {
  const { report } = target;
  // Without a report the target was never inspected at this endpoint, so its flavour is not known.
  if (report === null) throw new BrokerError('target_credential_missing');
  return {
    id: grant.id,
    principal: { id: grant.principalId, name: grant.principalName, kind: grant.principalKind },
    ...(grant.sponsor === null ? {} : { sponsor: grant.sponsor }),
    task: {
      title: grant.taskTitle,
      ...(grant.taskReference === null ? {} : { reference: grant.taskReference }),
    },
    access: grant.access,
    onHold: grant.onHold,
    deadlineMs: grant.deadlineAtMs,
    taskAccount: grant.taskAccount,
    database: grant.database,
    sessionsMax: target.limits.sessionsMax,
    target: {
      id: target.id,
      name: target.name,
      protocol: target.protocol,
      labels: target.labels,
      endpoint: { host: target.host, port: target.port, tls: target.tls },
      credentials: target.credentials,
      login,
      report,
    },
  };
}
