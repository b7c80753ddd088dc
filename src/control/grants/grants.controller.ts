import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type CloseQuery,
  type ConnectionView,
  type GrantDetailView,
  type GrantListQuery,
  type GrantOpenedView,
  type GrantParams,
  type GrantQuery,
  type GrantRequest,
  type GrantRequestQuery,
  type GrantView,
  type RevokeRequest,
  closeQuery,
  connectionView,
  grantDetailView,
  grantListQuery,
  grantOpenedView,
  grantPage,
  grantParams,
  grantQuery,
  grantRequest,
  grantRequestQuery,
  grantView,
  revokeRequest,
} from '../../contracts/grants/grant.js';
import type { Page } from '../../contracts/page.js';
import { type Caller, CurrentCaller, RequirePermission } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { Gone } from '../http/gone.js';
import { CallKey, type IdempotencyKey, RepeatableCalls, TakesCallKey } from '../http/idempotency.js';
import { Located } from '../http/located.js';
import { CountsAs } from '../limits/counts-as.js';
import { GrantRequests } from './grant-requests.js';
import { GrantsService } from './grants.service.js';

@ApiTags('grants')
@Controller('v1/grants')
@CountsAs('calls')
export class GrantsController {
  constructor(
    private readonly requests: GrantRequests,
    private readonly grants: GrantsService,
    private readonly calls: RepeatableCalls,
  ) {}

  @Post()
  @RequirePermission('grant.request')
  @TakesCallKey()
  @CountsAs('grants')
  @Located(({ id }: GrantOpenedView) => `/v1/grants/${id}`)
  @Describe(
    'Ask for a grant; the connection comes with the answer when a gateway opened it in time',
    201,
    grantOpenedView,
  )
  request(
    @CurrentCaller() caller: Caller,
    @Query({ schema: grantRequestQuery }) { connection }: GrantRequestQuery,
    @Body({ schema: grantRequest }) body: GrantRequest,
    @CallKey() key: IdempotencyKey | undefined,
  ): Promise<GrantOpenedView> {
    return this.calls.run(key, {
      caller,
      operation: 'grant.request',
      request: connection === 'now' ? body : { ...body, connection },
      first: () => this.requests.request(caller, body, connection),
      idOf: ({ id }) => id,
      again: (id) => this.grants.requested(caller, id),
    });
  }

  @Get()
  @RequirePermission('grant.read')
  @Describe('List grants, the newest first; agents see their own', 200, grantPage)
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: grantListQuery }) query: GrantListQuery,
  ): Promise<Page<GrantView>> {
    return this.grants.list(caller, query);
  }

  @Get(':id')
  @RequirePermission('grant.read')
  @Describe('Look at a grant, or wait until its state changes', 200, grantDetailView)
  look(
    @CurrentCaller() caller: Caller,
    @Param({ schema: grantParams }) { id }: GrantParams,
    @Query({ schema: grantQuery }) query: GrantQuery,
    @Gone() gone: AbortSignal,
  ): Promise<GrantDetailView> {
    return this.grants.look(caller, id, query, gone);
  }

  @Post(':id/connection')
  @RequirePermission('grant.request')
  @Describe('Fetch the connection of an active grant, once', 200, connectionView)
  connection(
    @CurrentCaller() caller: Caller,
    @Param({ schema: grantParams }) { id }: GrantParams,
  ): Promise<ConnectionView> {
    return this.grants.connection(caller, id);
  }

  @Post(':id/close')
  @RequirePermission('grant.close')
  @Describe('End the task: its requester closes the grant', 200, grantView)
  close(
    @CurrentCaller() caller: Caller,
    @Param({ schema: grantParams }) { id }: GrantParams,
    @Query({ schema: closeQuery }) query: CloseQuery,
    @Gone() gone: AbortSignal,
  ): Promise<GrantView> {
    return this.grants.close(caller, id, query, gone);
  }

  @Post(':id/revoke')
  @RequirePermission('grant.revoke')
  @Describe('End a grant for its requester', 200, grantView)
  revoke(
    @CurrentCaller() caller: Caller,
    @Param({ schema: grantParams }) { id }: GrantParams,
    @Query({ schema: closeQuery }) query: CloseQuery,
    @Body({ schema: revokeRequest }) body: RevokeRequest,
    @Gone() gone: AbortSignal,
  ): Promise<GrantView> {
    return this.grants.revoke(caller, { id, ...query, reason: body?.reason ?? null }, gone);
  }
}
