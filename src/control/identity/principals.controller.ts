import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type ApiKeyList,
  apiKeyList,
  type ApiKeyParams,
  apiKeyParams,
  type ApiKeyRequest,
  apiKeyRequest,
  type KnownPrincipalView,
  knownPrincipalView,
  type NewApiKeyView,
  newApiKeyView,
  type PrincipalChange,
  principalChange,
  type PrincipalListQuery,
  principalListQuery,
  type PrincipalPage,
  principalPage,
  type PrincipalParams,
  principalParams,
  type PrincipalRequest,
  principalRequest,
  type PrincipalView,
  principalView,
} from '../../contracts/identity/principal.js';
import { type Caller, CurrentCaller, RequirePermission, RequirePermissionNow } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { KeyMaker } from './key-maker.js';
import { PrincipalsService } from './principals.service.js';

@ApiTags('principals')
@Controller('v1/principals')
@CountsAs('calls')
export class PrincipalsController {
  constructor(
    private readonly principals: PrincipalsService,
    private readonly maker: KeyMaker,
  ) {}

  @Post()
  @RequirePermission('principal.write')
  @Describe('Make a principal', 201, principalView)
  create(
    @Body({ schema: principalRequest }) body: PrincipalRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<PrincipalView> {
    return this.principals.create(body, caller);
  }

  @Get()
  @RequirePermission('principal.read')
  @Describe('List principals, the newest first; those that fit, where something is sought', 200, principalPage)
  list(@Query({ schema: principalListQuery }) query: PrincipalListQuery): Promise<PrincipalPage> {
    return this.principals.list(query);
  }

  @Get(':name')
  @RequirePermission('principal.read')
  @Describe('Look at a principal', 200, knownPrincipalView)
  find(@Param({ schema: principalParams }) { name }: PrincipalParams): Promise<KnownPrincipalView> {
    return this.principals.find(name);
  }

  @Patch(':name')
  @RequirePermission('principal.write')
  @Describe(
    'Change a principal: its groups, its person or its sponsor; disable it, or enable it again',
    200,
    principalView,
  )
  change(
    @Param({ schema: principalParams }) { name }: PrincipalParams,
    @Body({ schema: principalChange }) body: PrincipalChange,
    @CurrentCaller() caller: Caller,
  ): Promise<PrincipalView> {
    return this.principals.change(name, body, caller);
  }

  @Post(':name/keys')
  @RequirePermissionNow('key.make')
  @Describe('Make an API key; this answer is the only one that shows it', 201, newApiKeyView)
  createKey(
    @CurrentCaller() caller: Caller,
    @Param({ schema: principalParams }) { name }: PrincipalParams,
    @Body({ schema: apiKeyRequest }) body: ApiKeyRequest,
  ): Promise<NewApiKeyView> {
    return this.maker.make(name, body, caller);
  }

  @Get(':name/keys')
  @RequirePermission('principal.read')
  @Describe('List the API keys of a principal, the newest first', 200, apiKeyList)
  listKeys(@Param({ schema: principalParams }) { name }: PrincipalParams): Promise<ApiKeyList> {
    return this.principals.listKeys(name);
  }

  @Delete(':name/keys/:id')
  @RequirePermission('principal.write')
  @Describe('Revoke an API key; within five seconds it works nowhere', 204)
  revokeKey(@Param({ schema: apiKeyParams }) params: ApiKeyParams, @CurrentCaller() caller: Caller): Promise<void> {
    return this.principals.revokeKey(params, caller);
  }
}
