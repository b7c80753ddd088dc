import { Global, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import { IssuerPool } from '../../idp/issuer/issuer-pool.js';
import type { Clock } from '../../kernel/clock.js';
import { loadProviderKey } from '../../keys/provider-key.js';
import { ChangeWatch } from '../../messaging/change-watch.js';
import { IdentityMappingRepository } from '../../persistence/identity/identity-mapping.repository.js';
import { IdentityProviderRepository } from '../../persistence/identity/identity-provider.repository.js';
import { IdentityRepository } from '../../persistence/identity/identity.repository.js';
import { PersonRepository } from '../../persistence/identity/person.repository.js';
import { fromParts } from '../modules/from-parts.js';
import { API_CONFIG, CLOCK } from '../modules/tokens.js';
import { AdminRecord } from '../record/admin-record.js';
import { IdentitiesController } from './identities.controller.js';
import { MappedPrincipals } from './mapped-principals.js';
import { MappingController } from './mapping.controller.js';
import { MappingService } from './mapping.service.js';
import { ProviderCache } from './provider-cache.js';
import { ProviderLook } from './provider-look.js';
import { ClientSecrets } from './client-secrets.js';
import { ProviderWatch } from './provider-watch.js';
import { ProvidersController } from './providers.controller.js';
import { ProvidersService } from './providers.service.js';

const SHARED = [
  {
    provide: ProviderCache,
    inject: [IdentityProviderRepository, IdentityMappingRepository, CLOCK],
    useFactory: (providers: IdentityProviderRepository, mappings: IdentityMappingRepository, clock: Clock) =>
      new ProviderCache(providers, mappings, clock),
  },
  {
    provide: MappedPrincipals,
    inject: [ProviderCache, IdentityRepository, PersonRepository, AdminRecord, CLOCK],
    useFactory: (
      cache: ProviderCache,
      identities: IdentityRepository,
      persons: PersonRepository,
      record: AdminRecord,
      clock: Clock,
    ) => new MappedPrincipals(cache, identities, persons, record, clock),
  },
  {
    provide: ClientSecrets,
    inject: [API_CONFIG],
    useFactory: (config: ApiConfig) => new ClientSecrets(() => loadProviderKey(config)),
  },
  { provide: IssuerPool, inject: [CLOCK], useFactory: (clock: Clock) => new IssuerPool({ clock }) },
];

/** Identity providers, the mapping of their claims, and the principals that they bring: for every module of the api. */
@Global()
@Module({
  controllers: [ProvidersController, MappingController, IdentitiesController],
  providers: [
    ...SHARED,
    ProvidersService,
    MappingService,
    { provide: ProviderLook, inject: [CLOCK], useFactory: (clock: Clock) => new ProviderLook(clock) },
    fromParts(ProviderWatch, { cache: ProviderCache, issuers: IssuerPool, clock: CLOCK }),
  ],
  exports: SHARED.map(({ provide }) => provide),
})
export class ProvidersModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly watch: ProviderWatch,
    changes: ChangeWatch,
    cache: ProviderCache,
  ) {
    changes.listenForAccess(() => cache.forget());
  }

  onApplicationBootstrap(): void {
    this.watch.start();
  }

  onModuleDestroy(): void {
    this.watch.stop();
  }
}
