import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type PolicyCheckView,
  policyCheckView,
  type PolicyDeleteQuery,
  policyDeleteQuery,
  type PolicyDraft,
  policyDraft,
  type PolicyList,
  policyList,
  type PolicyParams,
  policyParams,
  type PolicyRequest,
  policyRequest,
  type PolicyTrial,
  policyTrial,
  type PolicyTrialView,
  policyTrialView,
  type PolicyVersionPage,
  policyVersionPage,
  type PolicyVersionsQuery,
  policyVersionsQuery,
  type PolicyView,
  policyView,
} from '../../contracts/policies/policy.js';
import {
  type PolicyReplayRequest,
  policyReplayRequest,
  type PolicyReplayView,
  policyReplayView,
} from '../../contracts/policies/policy-replay.js';
import { type Caller, CurrentCaller, RequirePermission } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { PoliciesService } from './policies.service.js';
import { PolicyReplaysService } from './replay/policy-replays.service.js';
import { PolicyTrialsService } from './policy-trials.service.js';

@ApiTags('policies')
@Controller('v1/policies')
@CountsAs('calls')
export class PoliciesController {
  constructor(
    private readonly policies: PoliciesService,
    private readonly trials: PolicyTrialsService,
    private readonly replays: PolicyReplaysService,
  ) {}

  @Get()
  @RequirePermission('policy.read')
  @Describe('List the policies in force, by name', 200, policyList)
  list(): Promise<PolicyList> {
    return this.policies.list();
  }

  @Post('try')
  @RequirePermission('policy.try')
  @CountsAs('tries')
  @Describe('What a statement or a request for a grant would get, and why', 200, policyTrialView)
  try(@Body({ schema: policyTrial }) body: PolicyTrial, @CurrentCaller() caller: Caller): Promise<PolicyTrialView> {
    return this.trials.try(caller, body);
  }

  @Post('replay')
  @RequirePermission('policy.write')
  @CountsAs('tries')
  @Describe('What a draft would have changed of the newest recorded statements', 200, policyReplayView)
  replay(
    @Body({ schema: policyReplayRequest }) body: PolicyReplayRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<PolicyReplayView> {
    return this.replays.replay(caller, body);
  }

  @Post('check')
  @RequirePermission('policy.write')
  @Describe('What is wrong with a draft, and worth a second look', 200, policyCheckView)
  check(@Body({ schema: policyDraft }) body: PolicyDraft): Promise<PolicyCheckView> {
    return this.policies.check(body);
  }

  @Get(':name')
  @RequirePermission('policy.read')
  @Describe('Look at a policy', 200, policyView)
  find(@Param({ schema: policyParams }) { name }: PolicyParams): Promise<PolicyView> {
    return this.policies.find(name);
  }

  @Get(':name/versions')
  @RequirePermission('policy.read')
  @Describe('Every version of a policy, the newest first, who wrote it and when', 200, policyVersionPage)
  versions(
    @Param({ schema: policyParams }) { name }: PolicyParams,
    @Query({ schema: policyVersionsQuery }) query: PolicyVersionsQuery,
  ): Promise<PolicyVersionPage> {
    return this.policies.versions(name, query);
  }

  @Put(':name')
  @RequirePermission('policy.write')
  @Describe('Write a policy; within a second all gateways go by it', 200, policyView)
  put(
    @Param({ schema: policyParams }) { name }: PolicyParams,
    @Body({ schema: policyRequest }) body: PolicyRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<PolicyView> {
    return this.policies.put(caller, name, body);
  }

  @Delete(':name')
  @RequirePermission('policy.write')
  @Describe('Delete a policy; the broker keeps its earlier versions', 204)
  delete(
    @Param({ schema: policyParams }) { name }: PolicyParams,
    @Query({ schema: policyDeleteQuery }) query: PolicyDeleteQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.policies.delete(caller, name, query);
  }
}
