import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import type { Setting } from '../../config/settings.js';
import type { StatementRunner } from '../../protocol/statement-runner.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { KnownProtocols } from './known-protocols.js';
import { API_CONFIG, API_FACTS, PROTOCOLS, STATEMENT_RUNNER } from './tokens.js';

/** What people may read of the api itself. */
export interface ApiFacts {
  readonly version: string;
  readonly settings: readonly Setting[];
}

/** What the api is started with, besides what it stands on. */
export interface ConfigParts {
  readonly config: ApiConfig;
  readonly facts: ApiFacts;
  readonly protocols: readonly TargetProtocol[];
  /** How the MCP server runs statements at the endpoints of grants; without it, it runs none. */
  readonly statements?: StatementRunner | undefined;
}

/** The api's settings and the protocols that it knows, for every module. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot({ config, facts, protocols, statements }: ConfigParts): DynamicModule {
    return {
      module: ConfigModule,
      providers: [
        { provide: API_CONFIG, useValue: config },
        { provide: API_FACTS, useValue: facts },
        { provide: PROTOCOLS, useValue: protocols },
        { provide: STATEMENT_RUNNER, useValue: statements ?? null },
        KnownProtocols,
      ],
      exports: [API_CONFIG, API_FACTS, PROTOCOLS, STATEMENT_RUNNER, KnownProtocols],
    };
  }
}
