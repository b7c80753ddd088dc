import { Logger, Module } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import { Queues } from '../../messaging/queues.js';
import { PolicyReader } from '../../persistence/policies/policy-reader.js';
import { PolicyRepository } from '../../persistence/policies/policy.repository.js';
import { type TargetProtocol, vocabulariesOf } from '../../protocol/target-protocol.js';
import { API_CONFIG, PROTOCOLS } from '../modules/tokens.js';
import { GrantRequestJudge } from './grant-request-judge.js';
import { PoliciesController } from './policies.controller.js';
import { PoliciesService } from './policies.service.js';
import { PolicyChecks } from './policy-checks.js';
import { PolicyReplaysService } from './replay/policy-replays.service.js';
import { DecidedStatements } from './decided-statements.js';
import { PolicySignals } from './policy-signals.js';
import { PolicyTrialsService } from './policy-trials.service.js';

/** The policies in force: reading, changing and trying them, and what they say to requests for grants. */
@Module({
  controllers: [PoliciesController],
  providers: [
    PoliciesService,
    PolicyTrialsService,
    PolicyChecks,
    PolicyReplaysService,
    DecidedStatements,
    GrantRequestJudge,
    {
      provide: PolicyReader,
      inject: [PolicyRepository, PROTOCOLS],
      useFactory: (repository: PolicyRepository, protocols: readonly TargetProtocol[]) =>
        new PolicyReader(repository, vocabulariesOf(protocols)),
    },
    {
      provide: PolicySignals,
      inject: [Queues, API_CONFIG],
      useFactory: (queues: Queues, { QUEUE_PREFIX }: ApiConfig) =>
        new PolicySignals(queues.redis, QUEUE_PREFIX, new Logger(PolicySignals.name)),
    },
  ],
  exports: [GrantRequestJudge, PolicyReader],
})
export class PoliciesModule {}
