import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import type { Setting } from '../../config/settings.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { KnownProtocols } from './known-protocols.js';
import { API_CONFIG, API_FACTS, PROTOCOLS } from './tokens.js';

/** What people may read of the api itself. */
export interface ApiFacts {
  readonly version: string;
  readonly settings: readonly Setting[];
}

/** The api's settings and the protocols that it knows, for every module. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(config: ApiConfig, facts: ApiFacts, protocols: readonly TargetProtocol[]): DynamicModule {
    return {
      module: ConfigModule,
      providers: [
        { provide: API_CONFIG, useValue: config },
        { provide: API_FACTS, useValue: facts },
        { provide: PROTOCOLS, useValue: protocols },
        KnownProtocols,
      ],
      exports: [API_CONFIG, API_FACTS, PROTOCOLS, KnownProtocols],
    };
  }
}
