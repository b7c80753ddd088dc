import { type DynamicModule, Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { systemClock } from '../../kernel/clock.js';
import { ApiKeyRepository } from '../../persistence/api-key.repository.js';
import { GrantRepository } from '../../persistence/grant.repository.js';
import { PrincipalRepository } from '../../persistence/principal.repository.js';
import { PublishedKeyRepository } from '../../persistence/published-key.repository.js';
import { RecordingRepository } from '../../persistence/recording.repository.js';
import { TargetRepository } from '../../persistence/target.repository.js';
import { CLOCK } from './tokens.js';

/** Repositories know nothing of Nest, so that the gateway can make them with `new`. */
const REPOSITORIES = [
  PrincipalRepository,
  ApiKeyRepository,
  TargetRepository,
  PublishedKeyRepository,
  GrantRepository,
  RecordingRepository,
].map((Repository) => ({
  provide: Repository,
  useFactory: (source: DataSource) => new Repository(source),
  inject: [DataSource],
}));
const PROVIDERS = [...REPOSITORIES, { provide: CLOCK, useValue: systemClock }];

/** The state database and its repositories, for every module. The source comes connected and is closed with the app. */
@Global()
@Module({})
export class StateModule {
  static forRoot(source: DataSource): DynamicModule {
    return {
      module: StateModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({ ...source.options, retryAttempts: 1 }),
          dataSourceFactory: async () => source,
        }),
      ],
      providers: PROVIDERS,
      exports: PROVIDERS.map(({ provide }) => provide),
    };
  }
}
