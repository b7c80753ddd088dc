import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { systemClock } from '../../kernel/clock.js';
import { ApiKeyRepository } from '../../persistence/identity/api-key.repository.js';
import { IdentityMappingRepository } from '../../persistence/identity/identity-mapping.repository.js';
import { IdentityProviderRepository } from '../../persistence/identity/identity-provider.repository.js';
import { IdentityRepository } from '../../persistence/identity/identity.repository.js';
import { KeyRequestRepository } from '../../persistence/identity/key-request.repository.js';
import { ApprovalSweepRepository } from '../../persistence/approvals/approval-sweep.repository.js';
import { ApprovalRepository } from '../../persistence/approvals/approval.repository.js';
import { BacklogRepository } from '../../persistence/state/backlog.repository.js';
import { GatewayRepository } from '../../persistence/processes/gateway.repository.js';
import { GrantSweepRepository } from '../../persistence/grants/grant-sweep.repository.js';
import { GrantRepository } from '../../persistence/grants/grant.repository.js';
import { IdempotentCallRepository } from '../../persistence/state/idempotent-call.repository.js';
import type { StateSource } from '../../persistence/state/data-source.js';
import { PolicyRepository } from '../../persistence/policies/policy.repository.js';
import { BrokerSecretRepository } from '../../persistence/identity/broker-secret.repository.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import { PersonRepository } from '../../persistence/identity/person.repository.js';
import { PublishedKeyRepository } from '../../persistence/recordings/published-key.repository.js';
import { RecordingRepository } from '../../persistence/recordings/recording.repository.js';
import { RecordingReviewRepository } from '../../persistence/recordings/recording-review.repository.js';
import { SignInLinkRepository } from '../../persistence/identity/sign-in-link.repository.js';
import { SlackInteractionRepository } from '../../persistence/slack/slack-interaction.repository.js';
import { SlackLinkRepository } from '../../persistence/slack/slack-link.repository.js';
import { StatementFacets } from '../../persistence/statements/statement-facets.js';
import { StatementIndexRepository } from '../../persistence/statements/statement-index.repository.js';
import { StatementRows } from '../../persistence/statements/statement-rows.js';
import { StatementSearchRepository } from '../../persistence/statements/statement-search.repository.js';
import { ChannelStateRepository } from '../../persistence/channels/channel-state.repository.js';
import { NoticeChoiceRepository } from '../../persistence/email/notice-choice.repository.js';
import { StateProbe } from '../../persistence/state/state-probe.js';
import { TargetInspectionRepository } from '../../persistence/targets/target-inspection.repository.js';
import { TargetRepository } from '../../persistence/targets/target.repository.js';
import { WorkerRepository } from '../../persistence/processes/worker.repository.js';
import { RecordReader } from '../../persistence/record/record-reader.js';
import { AdminRecordRepository } from '../../persistence/record/admin-record.repository.js';
import { StatementDaysRepository } from '../../persistence/statements/statement-days.repository.js';
import { StatisticsRepository } from '../../persistence/statements/statistics.repository.js';
import { RecordedStatementRepository } from '../../persistence/statements/recorded-statement.repository.js';
import { WebhookDeliveryRepository } from '../../persistence/webhooks/webhook-delivery.repository.js';
import { WebhookRepository } from '../../persistence/webhooks/webhook.repository.js';
import { CLOCK, STATE_SOURCE } from './tokens.js';

/** Repositories know nothing of Nest, so that the gateway can make them with `new`. */
const REPOSITORIES = [
  PrincipalRepository,
  PersonRepository,
  IdentityProviderRepository,
  ApiKeyRepository,
  KeyRequestRepository,
  SignInLinkRepository,
  BrokerSecretRepository,
  TargetRepository,
  TargetInspectionRepository,
  PublishedKeyRepository,
  GatewayRepository,
  WorkerRepository,
  GrantRepository,
  GrantSweepRepository,
  RecordingRepository,
  RecordingReviewRepository,
  ApprovalRepository,
  ApprovalSweepRepository,
  PolicyRepository,
  StateProbe,
  BacklogRepository,
  IdempotentCallRepository,
  AdminRecordRepository,
  IdentityRepository,
  IdentityMappingRepository,
  RecordReader,
  StatementIndexRepository,
  StatementSearchRepository,
  StatementFacets,
  StatementRows,
  StatisticsRepository,
  RecordedStatementRepository,
  StatementDaysRepository,
  ChannelStateRepository,
  NoticeChoiceRepository,
  SlackLinkRepository,
  SlackInteractionRepository,
  WebhookRepository,
  WebhookDeliveryRepository,
].map((Repository) => ({
  provide: Repository,
  useFactory: (source: StateSource) => new Repository(source),
  inject: [STATE_SOURCE],
}));
const PROVIDERS = [...REPOSITORIES, { provide: CLOCK, useValue: systemClock }];

/** The state database's repositories, for every module. The source comes connected and is closed with the app. */
@Global()
@Module({})
export class StateModule implements OnApplicationShutdown {
  constructor(@Inject(STATE_SOURCE) private readonly source: StateSource) {}

  static forRoot(source: StateSource): DynamicModule {
    return {
      module: StateModule,
      providers: [{ provide: STATE_SOURCE, useValue: source }, ...PROVIDERS],
      exports: [STATE_SOURCE, ...PROVIDERS.map(({ provide }) => provide)],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.source.destroy();
  }
}
