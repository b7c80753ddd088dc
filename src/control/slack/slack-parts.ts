import type { Logger } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import type { SlackSettings } from '../../config/slack.js';
import type { Clock } from '../../kernel/clock.js';
import type { BrokerSecretRepository } from '../../persistence/identity/broker-secret.repository.js';
import type { IdentityMappingRepository } from '../../persistence/identity/identity-mapping.repository.js';
import type { IdentityProviderRepository } from '../../persistence/identity/identity-provider.repository.js';
import type { PersonRepository } from '../../persistence/identity/person.repository.js';
import type { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import type { SlackInteractionRepository } from '../../persistence/slack/slack-interaction.repository.js';
import type { SlackLinkRepository } from '../../persistence/slack/slack-link.repository.js';
import type { ApprovalsService } from '../approvals/approvals.service.js';
import type { BucketStore } from '../limits/bucket-store.js';
import type { AdminRecord } from '../record/admin-record.js';
import type { PublicAddress } from '../sign-in/browser/public-address.js';
import type { SlackLinks } from './slack-links.service.js';
import type { SlackMetrics } from './slack-metrics.js';

/** What receiving from Slack is made of. */
export interface SlackParts {
  readonly settings: SlackSettings | null;
  readonly config: ApiConfig;
  readonly links: SlackLinks;
  readonly stored: SlackLinkRepository;
  readonly interactions: SlackInteractionRepository;
  readonly principals: PrincipalRepository;
  readonly persons: PersonRepository;
  readonly providers: IdentityProviderRepository;
  readonly mappings: IdentityMappingRepository;
  readonly secrets: BrokerSecretRepository;
  readonly approvals: ApprovalsService;
  readonly record: AdminRecord;
  readonly buckets: BucketStore;
  readonly address: PublicAddress;
  readonly counts: SlackMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}
