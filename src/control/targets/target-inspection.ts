import { Inject, Injectable } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import { newId } from '../../domain/ids.js';
import type { TargetReport } from '../../domain/target.js';
import { BrokerError } from '../../kernel/errors.js';
import { sealPassword } from '../../keys/envelope.js';
import { parsePublicJwk } from '../../keys/okp-jwk.js';
import type { InspectionRequest } from '../../persistence/entities/grants/target-inspection.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';
import { PublishedKeyRepository } from '../../persistence/recordings/published-key.repository.js';
import { TargetInspectionRepository } from '../../persistence/targets/target-inspection.repository.js';
import { type InspectAnswer, inspectAnswer, jobAnswer, type JobFailure } from '../../queue/jobs.js';
import { Queues } from '../../messaging/queues.js';
import { API_CONFIG } from '../modules/tokens.js';

/** What an inspection needs to know of a target, which may not be stored yet. */
export type Inspected = Pick<
  TargetRow,
  'id' | 'protocol' | 'host' | 'port' | 'tls' | 'username' | 'credentials' | 'limits' | 'defaultDatabase'
> & {
  readonly sealedPassword: string;
};

/** The api never talks to a target: it seals passwords so that only gateways can read them, and has a gateway look. */
@Injectable()
export class TargetInspection {
  constructor(
    private readonly queues: Queues,
    private readonly inspections: TargetInspectionRepository,
    private readonly keys: PublishedKeyRepository,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  /** @throws BrokerError `encryption_key_missing` */
  async seal(
    password: string,
    { id, host, port, tls, username }: Pick<TargetRow, 'id' | 'host' | 'port' | 'tls' | 'username'>,
  ): Promise<string> {
    const published = await this.keys.newest('envelope');
    if (published === undefined) throw new BrokerError('encryption_key_missing');
    return sealPassword(password, { targetId: id, host, port, tls, username }, parsePublicJwk(published.jwk, 'X25519'));
  }

  /** What a gateway sees at the target. @throws BrokerError with the gateway's own code, or `gateway_unavailable` */
  async inspect(target: Inspected): Promise<TargetReport> {
    const answer = await this.look(target);
    if (answer.ok) return answer.report;
    throw failureOf(answer);
  }

  /** The same, where what a gateway could not do is an answer. @throws BrokerError `gateway_unavailable`, `queue_unavailable` */
  async look({ id: targetId, protocol, limits, defaultDatabase, ...login }: Inspected): Promise<InspectAnswer> {
    const { host, port, tls, username, credentials, sealedPassword } = login;
    const endpoint = { targetId, protocol, host, port, tls, username, sealedPassword };
    return this.#ask({ ...limits, ...endpoint, credentials, defaultDatabase });
  }

  /** What is asked and what is answered are in the state database; the queue only says when to look there. */
  async #ask(request: InspectionRequest): Promise<InspectAnswer> {
    const waitMs = this.config.OPEN_WAIT_SECONDS * 1_000;
    const id = newId();
    await this.inspections.insert(id, request, waitMs);
    try {
      await this.queues.ask({ name: 'inspect', inspectionId: id }, { answer: jobAnswer, waitMs });
      const answer = inspectAnswer.safeParse(await this.inspections.answerOf(id));
      if (!answer.success) throw new BrokerError('gateway_unavailable');
      return answer.data;
    } finally {
      // One that stays is forgotten when its time is up.
      await this.inspections.remove(id).catch(() => undefined);
    }
  }
}

/** A gateway's failure, as the api throws it. */
export function failureOf({ code, detail, fields }: JobFailure): BrokerError {
  return new BrokerError(code, {
    ...(detail === undefined ? {} : { detail }),
    ...(fields === undefined ? {} : { fields }),
  });
}
