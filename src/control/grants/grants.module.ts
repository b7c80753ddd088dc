import { Logger, Module } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import type { Clock } from '../../kernel/clock.js';
import { ApprovalSignals } from '../../messaging/approval-signals.js';
import { PoliciesModule } from '../policies/policies.module.js';
import { Queues } from '../../messaging/queues.js';
import { API_CONFIG, CLOCK } from '../modules/tokens.js';
import { ApprovedGrants } from './approved-grants.js';
import { GrantDetails } from './grant-details.js';
import { GrantRequests } from './grant-requests.js';
import { GrantSignals } from '../../messaging/grant-signals.js';
import { GrantsController } from './grants.controller.js';
import { GrantsService } from './grants.service.js';

/** Asking for grants, waiting for them, and ending them. */
@Module({
  imports: [PoliciesModule],
  controllers: [GrantsController],
  providers: [
    GrantsService,
    GrantRequests,
    GrantDetails,
    {
      provide: GrantSignals,
      inject: [Queues, API_CONFIG],
      useFactory: (queues: Queues, { QUEUE_PREFIX }: ApiConfig) =>
        new GrantSignals(queues.redis, QUEUE_PREFIX, new Logger(GrantSignals.name)),
    },
    {
      provide: ApprovalSignals,
      inject: [Queues, API_CONFIG],
      useFactory: (queues: Queues, { QUEUE_PREFIX }: ApiConfig) =>
        new ApprovalSignals(queues, QUEUE_PREFIX, new Logger(ApprovalSignals.name)),
    },
    {
      provide: ApprovedGrants,
      inject: [Queues, CLOCK],
      useFactory: (queues: Queues, clock: Clock) => new ApprovedGrants(queues, clock, new Logger(ApprovedGrants.name)),
    },
  ],
  exports: [GrantDetails, GrantSignals, ApprovalSignals, ApprovedGrants],
})
export class GrantsModule {}
