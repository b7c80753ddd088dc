import { Global, Logger, Module } from '@nestjs/common';
import type { ApiConfig } from '../../../config/api.js';
import type { Clock } from '../../../kernel/clock.js';
import { AccessSignals } from '../../../messaging/access-signals.js';
import { ChangeWatch } from '../../../messaging/change-watch.js';
import { OneTimeValues } from '../../../messaging/one-time-values.js';
import { Queues } from '../../../messaging/queues.js';
import { ValueSigner } from '../../../messaging/value-signer.js';
import { BrokerSecretRepository } from '../../../persistence/identity/broker-secret.repository.js';
import { IdentityProviderRepository } from '../../../persistence/identity/identity-provider.repository.js';
import { API_CONFIG, CLOCK } from '../../modules/tokens.js';
import { PeopleProviders } from '../providers/people-providers.js';
import { PublicAddress } from '../browser/public-address.js';
import { Sessions } from './sessions.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const PROVIDERS = [
  { provide: PublicAddress, inject: [API_CONFIG], useFactory: (config: ApiConfig) => new PublicAddress(config) },
  {
    provide: ValueSigner,
    inject: [BrokerSecretRepository],
    useFactory: async (secrets: BrokerSecretRepository) => new ValueSigner(await secrets.obtain('sessions')),
  },
  {
    provide: Sessions,
    inject: [Queues, API_CONFIG, CLOCK, ValueSigner],
    useFactory: (queues: Queues, config: ApiConfig, clock: Clock, signer: ValueSigner) =>
      new Sessions({
        redis: queues.redis,
        prefix: config.QUEUE_PREFIX,
        limits: { idleMs: config.SESSION_IDLE_MINUTES * MINUTE_MS, absoluteMs: config.SESSION_HOURS * HOUR_MS },
        clock,
        signer,
      }),
  },
  {
    provide: OneTimeValues,
    inject: [Queues, API_CONFIG, ValueSigner],
    useFactory: (queues: Queues, { QUEUE_PREFIX }: ApiConfig, signer: ValueSigner) =>
      new OneTimeValues(queues.redis, QUEUE_PREFIX, signer),
  },
  {
    provide: AccessSignals,
    inject: [Queues, API_CONFIG, ChangeWatch],
    useFactory: (queues: Queues, { QUEUE_PREFIX }: ApiConfig, watch: ChangeWatch) =>
      new AccessSignals({
        redis: queues.redis,
        prefix: QUEUE_PREFIX,
        log: new Logger(AccessSignals.name),
        tellHere: (principal) => watch.tellOfAccess(principal),
      }),
  },
  {
    provide: PeopleProviders,
    inject: [IdentityProviderRepository, CLOCK],
    useFactory: (stored: IdentityProviderRepository, clock: Clock) => new PeopleProviders(stored, clock),
  },
];

/** Sessions of people, and what is used once, in Redis: for every module of the api. */
@Global()
@Module({ providers: PROVIDERS, exports: PROVIDERS.map(({ provide }) => provide) })
export class SessionsModule {
  constructor(watch: ChangeWatch, providers: PeopleProviders) {
    watch.listenForAccess(() => providers.forget());
  }
}
