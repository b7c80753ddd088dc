import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { KnownProtocols } from './known-protocols.js';
import { API_CONFIG, PROTOCOLS } from './tokens.js';

/** The api's settings and the protocols that it knows, for every module. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(config: ApiConfig, protocols: readonly TargetProtocol[]): DynamicModule {
    return {
      module: ConfigModule,
      providers: [
        { provide: API_CONFIG, useValue: config },
        { provide: PROTOCOLS, useValue: protocols },
        KnownProtocols,
      ],
      exports: [API_CONFIG, PROTOCOLS, KnownProtocols],
    };
  }
}
