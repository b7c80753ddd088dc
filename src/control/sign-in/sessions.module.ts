import { Global, Logger, Module } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import type { Clock } from '../../kernel/clock.js';
import { AccessSignals } from '../../messaging/access-signals.js';
import { ChangeWatch } from '../../messaging/change-watch.js';
import { OneTimeValues } from '../../messaging/one-time-values.js';
import { Queues } from '../../messaging/queues.js';
import { IdentityProviderRepository } from '../../persistence/identity/identity-provider.repository.js';
import { API_CONFIG, CLOCK } from '../modules/tokens.js';
import { PeopleProviders } from './people-providers.js';
import { PublicAddress } from './public-address.js';
import { Sessions } from './sessions.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const PROVIDERS = [
  { provide: PublicAddress, inject: [API_CONFIG], useFactory: (config: ApiConfig) => new PublicAddress(config) },
  {
    provide: Sessions,
    inject: [Queues, API_CONFIG, CLOCK],
    useFactory: (queues: Queues, config: ApiConfig, clock: Clock) =>
      new Sessions({
        redis: queues.redis,
        prefix: config.QUEUE_PREFIX,
        limits: { idleMs: config.SESSION_IDLE_MINUTES * MINUTE_MS, absoluteMs: config.SESSION_HOURS * HOUR_MS },
        clock,
      }),
  },
  {
    provide: OneTimeValues,
    inject: [Queues, API_CONFIG],
    useFactory: (queues: Queues, { QUEUE_PREFIX }: ApiConfig) => new OneTimeValues(queues.redis, QUEUE_PREFIX),
  },
  {
    provide: AccessSignals,
    inject: [Queues, API_CONFIG],
    useFactory: (queues: Queues, { QUEUE_PREFIX }: ApiConfig) =>
      new AccessSignals(queues.redis, QUEUE_PREFIX, new Logger(AccessSignals.name)),
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
