import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '../../contracts/page.js';
import {
  type AnyTargetView,
  anyTargetView,
  type TargetChangeRequest,
  targetChange,
  type TargetListQuery,
  targetListQuery,
  targetPage,
  type TargetParams,
  targetParams,
  type TargetRequest,
  targetRequest,
  type TargetTestView,
  targetTestView,
  type TargetView,
  targetView,
} from '../../contracts/grants/target.js';
import { type Caller, CurrentCaller, RequirePermission } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { Located } from '../http/located.js';
import { CountsAs } from '../limits/counts-as.js';
import { TargetTestsService } from './target-tests.service.js';
import { TargetsService } from './targets.service.js';

@ApiTags('targets')
@Controller('v1/targets')
@CountsAs('calls')
export class TargetsController {
  constructor(
    private readonly targets: TargetsService,
    private readonly tests: TargetTestsService,
  ) {}

  @Post()
  @RequirePermission('target.write')
  @Located(({ name }: TargetView) => `/v1/targets/${name}`)
  @Describe('Register a target; a gateway connects to it first', 201, targetView)
  create(@Body({ schema: targetRequest }) body: TargetRequest, @CurrentCaller() caller: Caller): Promise<TargetView> {
    return this.targets.create(body, caller);
  }

  @Get()
  @RequirePermission('target.list')
  @Describe('List targets, the newest first', 200, targetPage)
  list(
    @Query({ schema: targetListQuery }) query: TargetListQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<AnyTargetView>> {
    return this.targets.list(query, caller);
  }

  @Get(':name')
  @RequirePermission('target.list')
  @Describe('Look at a target', 200, anyTargetView)
  find(
    @Param({ schema: targetParams }) { name }: TargetParams,
    @CurrentCaller() caller: Caller,
  ): Promise<AnyTargetView> {
    return this.targets.find(name, caller);
  }

  @Patch(':name')
  @RequirePermission('target.write')
  @Describe('Change a target; what is absent stays', 200, targetView)
  change(
    @Param({ schema: targetParams }) { name }: TargetParams,
    @Body({ schema: targetChange }) body: TargetChangeRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<TargetView> {
    return this.targets.change(name, body, caller);
  }

  @Post(':name/test')
  @RequirePermission('target.write')
  @CountsAs('tries')
  @Describe('Have a gateway log in to a target and say how far it came', 200, targetTestView)
  test(
    @Param({ schema: targetParams }) { name }: TargetParams,
    @CurrentCaller() caller: Caller,
  ): Promise<TargetTestView> {
    return this.tests.test(name, caller);
  }

  @Delete(':name')
  @RequirePermission('target.write')
  @Describe('Delete a target all of whose grants are sealed', 204)
  delete(@Param({ schema: targetParams }) { name }: TargetParams, @CurrentCaller() caller: Caller): Promise<void> {
    return this.targets.delete(name, caller);
  }
}
