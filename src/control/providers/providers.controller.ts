import { Body, Controller, Delete, Get, Param, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type IdentityProviderList,
  identityProviderList,
  type IdentityProviderRequest,
  identityProviderRequest,
  type IdentityProviderView,
  identityProviderView,
  type ProviderDeleteQuery,
  providerDeleteQuery,
  type ProviderParams,
  providerParams,
} from '../../contracts/identity/identity-provider.js';
import { type Caller, CurrentCaller, RequirePermission, RequirePermissionNow } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { ProvidersService } from './providers.service.js';

@ApiTags('identity')
@CountsAs('calls')
@Controller('v1/identity-providers')
export class ProvidersController {
  constructor(private readonly providers: ProvidersService) {}

  @Get()
  @RequirePermission('provider.read')
  @Describe('List the identity providers', 200, identityProviderList)
  list(): Promise<IdentityProviderList> {
    return this.providers.list();
  }

  @Get(':name')
  @RequirePermission('provider.read')
  @Describe('Look at an identity provider; its secret is never shown', 200, identityProviderView)
  find(@Param({ schema: providerParams }) { name }: ProviderParams): Promise<IdentityProviderView> {
    return this.providers.find(name);
  }

  @Put(':name')
  @RequirePermissionNow('provider.write')
  @Describe('Make an identity provider, or change it; the broker looks at it first', 200, identityProviderView)
  put(
    @CurrentCaller() caller: Caller,
    @Param({ schema: providerParams }) { name }: ProviderParams,
    @Body({ schema: identityProviderRequest }) body: IdentityProviderRequest,
  ): Promise<IdentityProviderView> {
    return this.providers.put(caller, name, body);
  }

  @Delete(':name')
  @RequirePermissionNow('provider.write')
  @Describe('Delete an identity provider; its sessions end, and its tokens are refused', 204)
  delete(
    @CurrentCaller() caller: Caller,
    @Param({ schema: providerParams }) { name }: ProviderParams,
    @Query({ schema: providerDeleteQuery }) query: ProviderDeleteQuery,
  ): Promise<void> {
    return this.providers.delete(caller, name, query);
  }
}
