import type { RequestListener } from 'node:http';
import { Logger, type MiddlewareConsumer, Module, type NestModule, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { ApiConfig } from '../../config/api.js';
import type { Clock } from '../../kernel/clock.js';
import { loadProviderKey } from '../../keys/provider-key.js';
import type { StatementRunner } from '../../protocol/statement-runner.js';
import { GrantRepository } from '../../persistence/grants/grant.repository.js';
import type { ApiFacts } from '../modules/config.module.js';
import { KnownProtocols } from '../modules/known-protocols.js';
import { API_CONFIG, API_FACTS, CLOCK, STATEMENT_RUNNER } from '../modules/tokens.js';
import { PublicAddress } from '../sign-in/browser/public-address.js';
import { InnerApi } from './inner-api.js';
import { KeptConnections } from './kept-connections.js';
import { McpDoor } from './mcp-door.js';
import { McpExchanges } from './mcp-exchanges.js';
import { McpMetadataController } from './mcp-metadata.controller.js';
import { McpController } from './mcp.controller.js';

/** The MCP server of the api: agents reach through it what they reach in the API, and nothing more. */
@Module({
  controllers: [McpController, McpMetadataController],
  providers: [
    {
      provide: InnerApi,
      inject: [HttpAdapterHost],
      useFactory: (host: HttpAdapterHost) => new InnerApi((): RequestListener => host.httpAdapter.getInstance()),
    },
    {
      provide: KeptConnections,
      inject: [GrantRepository, KnownProtocols, CLOCK, API_CONFIG],
      useFactory: (grants: GrantRepository, protocols: KnownProtocols, clock: Clock, config: ApiConfig) =>
        new KeptConnections({
          grants,
          protocols,
          clock,
          loadKey: () => loadProviderKey(config),
          log: new Logger('MCP'),
        }),
    },
    {
      provide: McpExchanges,
      inject: [InnerApi, KeptConnections, PublicAddress, KnownProtocols, API_FACTS, API_CONFIG, STATEMENT_RUNNER],
      useFactory: (
        inner: InnerApi,
        kept: KeptConnections,
        address: PublicAddress,
        protocols: KnownProtocols,
        { version }: ApiFacts,
        { MCP_STATEMENTS }: ApiConfig,
        runner: StatementRunner | null,
      ) =>
        new McpExchanges({
          inner,
          kept,
          address,
          version,
          protocols,
          statements: MCP_STATEMENTS === 'on' && runner !== null ? runner : undefined,
          log: new Logger('MCP'),
        }),
    },
  ],
})
export class McpModule implements NestModule, OnModuleDestroy {
  constructor(private readonly exchanges: McpExchanges) {}

  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(McpDoor)
      .forRoutes('mcp', '.well-known/oauth-protected-resource', '.well-known/oauth-protected-resource/mcp');
  }

  /** Before the server waits for its requests to end. */
  onModuleDestroy(): void {
    this.exchanges.stop();
  }
}
