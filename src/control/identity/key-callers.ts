import { Inject, Injectable } from '@nestjs/common';
import { permissionsOf } from '../../domain/principal.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { ApiKeyRepository } from '../../persistence/identity/api-key.repository.js';
import type { ApiKeyRow } from '../../persistence/entities/identity/api-key.js';
import { personOf, type PrincipalRow } from '../../persistence/entities/identity/principal.js';
import type { Caller } from '../http/access.js';
import { CLOCK } from '../modules/tokens.js';
import { apiKeyId, bearerOf, hashApiKey, isSameHash } from './api-key.js';
import { CallerCache } from './caller-cache.js';
import { narrowedTo } from './key-bounds.js';
import { KeyUsage } from './key-usage.js';

/** Who stands behind an API key: no query for one that was used a moment ago, one for any other. */
@Injectable()
export class KeyCallers {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly callers: CallerCache,
    private readonly usage: KeyUsage,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * `asOfNow`: what was known a moment ago is not enough.
   * @throws BrokerError `unauthenticated`, the same for every reason: anyone who guesses learns nothing; `state_unavailable`
   */
  async find(authorization: string | undefined, asOfNow: boolean): Promise<Caller> {
    const { id, hash } = presented(authorization);
    const known = asOfNow ? undefined : this.callers.find(hash.toString('hex'), this.clock.nowMs());
    return known ?? this.#look(id, hash);
  }

  async #look(id: string, hash: Buffer): Promise<Caller> {
    const { generation } = this.callers;
    const found = await this.keys.findWithPrincipal(id);
    const isValid =
      found !== undefined &&
      isSameHash(found.key.hash, hash) &&
      found.key.revokedAtMs === null &&
      (found.key.expiresAtMs ?? Infinity) > this.clock.nowMs() &&
      found.principal.disabledAtMs === null;
    if (!isValid) throw new BrokerError('unauthenticated');
    this.usage.note(id, found.key.lastUsedAtMs);
    const caller = callerOf(found.principal, found.key);
    this.callers.remember(hash.toString('hex'), caller, {
      nowMs: this.clock.nowMs(),
      generation,
      endsAtMs: found.key.expiresAtMs,
    });
    return caller;
  }
}

function presented(authorization: string | undefined): { readonly id: string; readonly hash: Buffer } {
  const key = bearerOf(authorization);
  const id = key === undefined ? undefined : apiKeyId(key);
  if (key === undefined || id === undefined) throw new BrokerError('unauthenticated');
  return { id, hash: hashApiKey(key) };
}

function callerOf(principal: PrincipalRow, { id: key, scope }: ApiKeyRow): Caller {
  const { id, name, kind, roles, groups, sponsor } = principal;
  return {
    id,
    name,
    kind,
    roles,
    groups,
    permissions: narrowedTo(permissionsOf(roles), scope),
    person: personOf(principal),
    signIn: { by: 'api-key', key },
    sponsor: sponsor === null ? null : { name: sponsor, isClaim: false },
  };
}
