import { Redis } from 'ioredis';
import { Sessions } from '../../src/control/sign-in/sessions/sessions.js';
import type { VerifiedIdentity } from '../../src/domain/identity/verified-identity.js';
import { systemClock } from '../../src/kernel/clock.js';
import { ValueSigner } from '../../src/messaging/value-signer.js';
import type { PrincipalRow } from '../../src/persistence/entities/identity/principal.js';
import { BrokerSecretRepository } from '../../src/persistence/identity/broker-secret.repository.js';
import type { Broker } from './broker.js';
import { servers } from './engines.js';
import { atState } from './sign-in.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export interface BegunSession {
  readonly principal: Pick<PrincipalRow, 'id' | 'sessionEpoch'>;
  /** Default: now. */
  readonly minutesAgo?: number;
  /** Default: none, as after a one-time link. */
  readonly identity?: VerifiedIdentity | null;
}

/** The cookie of a session that somebody began so many minutes ago. It is begun at Redis, as the api itself begins it. */
export async function beginSession(
  broker: Pick<Broker, 'stateDatabaseUrl' | 'env'>,
  { principal, minutesAgo = 0, identity = null }: BegunSession,
): Promise<string> {
  const secret = await atState(broker, (source) => new BrokerSecretRepository(source).obtain('sessions'));
  const redis = new Redis(servers().redis.url);
  try {
    const sessions = new Sessions({
      redis,
      prefix: broker.env['QUEUE_PREFIX'] ?? '',
      limits: { idleMs: HOUR_MS, absoluteMs: 10 * HOUR_MS },
      clock: { ...systemClock, nowMs: () => systemClock.nowMs() - minutesAgo * MINUTE_MS },
      signer: new ValueSigner(secret),
    });
    const { secret: cookie } = await sessions.open({
      principal: principal.id,
      epoch: principal.sessionEpoch,
      identity,
      untilMs: null,
      address: '127.0.0.1',
      userAgent: 'a test',
    });
    return cookie;
  } finally {
    redis.disconnect();
  }
}
