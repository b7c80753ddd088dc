import { Inject, Injectable } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import type { TargetReport } from '../../domain/target.js';
import { BrokerError } from '../../kernel/errors.js';
import { sealPassword } from '../../keys/envelope.js';
import { parsePublicJwk } from '../../keys/okp-jwk.js';
import type { TargetRow } from '../../persistence/entities/target.js';
import { PublishedKeyRepository } from '../../persistence/published-key.repository.js';
import { inspectAnswer } from '../../queue/jobs.js';
import { Queues } from '../shared/queues.js';
import { API_CONFIG } from '../shared/tokens.js';

/** What an inspection needs to know of a target, which may not be stored yet. */
export type Inspected = Pick<TargetRow, 'id' | 'host' | 'port' | 'tls' | 'username' | 'credentials' | 'limits'> & {
  readonly sealedPassword: string;
};

/** The api never talks to a target: it seals passwords so that only gateways can read them, and has a gateway look. */
@Injectable()
export class TargetInspection {
  constructor(
    private readonly queues: Queues,
    private readonly keys: PublishedKeyRepository,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  /** @throws BrokerError `encryption_key_missing` */
  async seal(password: string, { id, host, port }: Pick<TargetRow, 'id' | 'host' | 'port'>): Promise<string> {
    const published = await this.keys.newest('envelope');
    if (published === undefined) throw new BrokerError('encryption_key_missing');
    return sealPassword(password, { targetId: id, host, port }, parsePublicJwk(published.jwk, 'X25519'));
  }

  /** What a gateway sees at the target. @throws BrokerError with the gateway's own code, or `gateway_unavailable` */
  async inspect({
    id,
    host,
    port,
    tls,
    username,
    credentials,
    limits,
    sealedPassword,
  }: Inspected): Promise<TargetReport> {
    const outcome = await this.queues.ask(
      {
        name: 'inspect',
        targetId: id,
        endpoint: { host, port, tls },
        username,
        sealedPassword,
        credentials,
        privileges: [...limits.privileges],
        databases: [...(limits.databases ?? [])],
      },
      { answer: inspectAnswer, waitMs: this.config.OPEN_WAIT_SECONDS * 1_000 },
    );
    if (outcome.kind !== 'answered') throw new BrokerError('gateway_unavailable');
    const { answer } = outcome;
    if (answer.ok) return answer.report;
    throw new BrokerError(answer.code, {
      ...(answer.detail === undefined ? {} : { detail: answer.detail }),
      ...(answer.fields === undefined ? {} : { fields: answer.fields }),
    });
  }
}
