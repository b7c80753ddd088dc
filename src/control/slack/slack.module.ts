import { Logger, Module } from '@nestjs/common';
import { BrokerSecretRepository } from '../../persistence/identity/broker-secret.repository.js';
import { IdentityMappingRepository } from '../../persistence/identity/identity-mapping.repository.js';
import { IdentityProviderRepository } from '../../persistence/identity/identity-provider.repository.js';
import { PersonRepository } from '../../persistence/identity/person.repository.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import { SlackInteractionRepository } from '../../persistence/slack/slack-interaction.repository.js';
import { SlackLinkRepository } from '../../persistence/slack/slack-link.repository.js';
import { ApprovalsModule } from '../approvals/approvals.module.js';
import { ApprovalsService } from '../approvals/approvals.service.js';
import { BucketStore } from '../limits/bucket-store.js';
import { LimitsModule } from '../limits/limits.module.js';
import { fromParts } from '../modules/from-parts.js';
import { API_CONFIG, CLOCK } from '../modules/tokens.js';
import { OperationsModule } from '../operations/operations.module.js';
import { AdminRecord } from '../record/admin-record.js';
import { PublicAddress } from '../sign-in/browser/public-address.js';
import { SlackController } from './slack.controller.js';
import { SlackLinkController } from './slack-link.controller.js';
import { SlackLinksModule } from './slack-links.module.js';
import { SlackLinks } from './slack-links.service.js';
import { SlackMetrics } from './slack-metrics.js';
import { SlackMaker } from './slack-maker.js';
import { SLACK_SERVICE, SLACK_SETTINGS } from './slack-tokens.js';

const SLACK_LOG = Symbol('SlackLog');

const PARTS = {
  settings: SLACK_SETTINGS,
  config: API_CONFIG,
  links: SlackLinks,
  stored: SlackLinkRepository,
  interactions: SlackInteractionRepository,
  principals: PrincipalRepository,
  persons: PersonRepository,
  providers: IdentityProviderRepository,
  mappings: IdentityMappingRepository,
  secrets: BrokerSecretRepository,
  approvals: ApprovalsService,
  record: AdminRecord,
  buckets: BucketStore,
  address: PublicAddress,
  counts: SlackMetrics,
  clock: CLOCK,
  log: SLACK_LOG,
} as const;

/** What people do in Slack about approvals, and which of them is whom. */
@Module({
  imports: [ApprovalsModule, LimitsModule, OperationsModule, SlackLinksModule],
  controllers: [SlackController, SlackLinkController],
  providers: [
    SlackMetrics,
    { provide: SLACK_LOG, useFactory: () => new Logger('Slack') },
    fromParts(SlackMaker, PARTS),
    {
      provide: SLACK_SERVICE,
      inject: [SlackMaker],
      useFactory: (assembly: SlackMaker) => assembly.receiving(),
    },
  ],
})
export class SlackModule {}
