import { Body, Controller, Get, HttpCode, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type IdentityMappingRequest,
  identityMappingRequest,
  type IdentityMappingView,
  identityMappingView,
  type MappingTrialRequest,
  mappingTrialRequest,
  type MappingTrialView,
  mappingTrialView,
  type MappingVersionPage,
  mappingVersionPage,
  type MappingVersionsQuery,
  mappingVersionsQuery,
} from '../../contracts/identity/identity-mapping.js';
import { type Caller, CurrentCaller, RequirePermission, RequirePermissionNow } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { MappingService } from './mapping.service.js';

@ApiTags('identity')
@CountsAs('calls')
@Controller('v1/identity-mapping')
export class MappingController {
  constructor(private readonly mapping: MappingService) {}

  @Get()
  @RequirePermission('provider.read')
  @Describe('Look at the identity mapping', 200, identityMappingView)
  find(): Promise<IdentityMappingView> {
    return this.mapping.find();
  }

  @Get('versions')
  @RequirePermission('provider.read')
  @Describe(
    'Every version of the identity mapping, the newest first, who wrote it, when and why',
    200,
    mappingVersionPage,
  )
  versions(@Query({ schema: mappingVersionsQuery }) query: MappingVersionsQuery): Promise<MappingVersionPage> {
    return this.mapping.versions(query);
  }

  @Put()
  @RequirePermissionNow('provider.write')
  @Describe('Replace the identity mapping; it counts from the next request of everybody', 200, identityMappingView)
  put(
    @CurrentCaller() caller: Caller,
    @Body({ schema: identityMappingRequest }) body: IdentityMappingRequest,
  ): Promise<IdentityMappingView> {
    return this.mapping.put(caller, body);
  }

  @Post('try')
  @CountsAs('tries')
  @HttpCode(200)
  @RequirePermission('provider.read')
  @Describe('Say who somebody with these claims would be, and why', 200, mappingTrialView)
  try(@Body({ schema: mappingTrialRequest }) body: MappingTrialRequest): Promise<MappingTrialView> {
    return this.mapping.try(body);
  }
}
