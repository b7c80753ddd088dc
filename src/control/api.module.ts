import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';
import type { StateSource } from '../persistence/state/data-source.js';
import { ApprovalsModule } from './approvals/approvals.module.js';
import { ChannelsModule } from './channels/channels.module.js';
import { EntranceModule } from './entrance/entrance.module.js';
import { GatewaysModule } from './gateways/gateways.module.js';
import { GrantsModule } from './grants/grants.module.js';
import { IdentityModule } from './identity/identity.module.js';
import { KeysModule } from './keys/keys.module.js';
import { McpModule } from './mcp/mcp.module.js';
import { PoliciesModule } from './policies/policies.module.js';
import { BuiltPageModule } from './page/built-page.module.js';
import { PageModule } from './page/page.module.js';
import { RecordModule } from './record/record.module.js';
import { RecordingsModule } from './recordings/recordings.module.js';
import { ChangesModule } from './modules/changes.module.js';
import { ConfigModule, type ConfigParts } from './modules/config.module.js';
import { DescriptionAccess } from './http/description-access.js';
import { DocsController } from './http/docs.controller.js';
import { httpLogParams } from './http/http-log.js';
import { LimitsModule } from './limits/limits.module.js';
import { OperationsModule } from './operations/operations.module.js';
import type { Queues } from '../messaging/queues.js';
import { ProvidersModule } from './providers/providers.module.js';
import { QueuesModule } from './modules/queues.module.js';
import { SettingsModule } from './settings/settings.module.js';
import { SlackModule } from './slack/slack.module.js';
import { StateModule } from './modules/state.module.js';
import { SignInModule } from './sign-in/sign-in.module.js';
import { SessionsModule } from './sign-in/sessions/sessions.module.js';
import { StatementsModule } from './statements/statements.module.js';
import { StatisticsModule } from './statistics/statistics.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';
import { TargetsModule } from './targets/targets.module.js';

/** What the api stands on, opened by the one who starts it. */
export interface ApiParts extends ConfigParts {
  readonly source: StateSource;
  readonly queues: Queues;
  readonly log: Logger;
}

/** The features of the api. A test walks their routes. */
export const API_FEATURES = [
  IdentityModule,
  ProvidersModule,
  TargetsModule,
  PoliciesModule,
  GrantsModule,
  GatewaysModule,
  ApprovalsModule,
  RecordingsModule,
  StatementsModule,
  RecordModule,
  StatisticsModule,
  SignInModule,
  SlackModule,
  EntranceModule,
  PageModule,
  KeysModule,
  SettingsModule,
  ChannelsModule,
  WebhooksModule,
  McpModule,
  OperationsModule,
];

@Module({ controllers: [DocsController], providers: [DescriptionAccess] })
export class ApiModule {
  static forRoot({ source, queues, log, ...parts }: ApiParts): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        LoggerModule.forRoot(httpLogParams(log)),
        ConfigModule.forRoot(parts),
        StateModule.forRoot(source),
        QueuesModule.forRoot(queues),
        ChangesModule,
        SessionsModule,
        BuiltPageModule,
        LimitsModule,
        ...API_FEATURES,
      ],
    };
  }
}
