import { Controller, Delete, Get, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import {
  type EndSessionsQuery,
  endSessionsQuery,
  type MeView,
  meView,
  type OwnSessionParams,
  ownSessionParams,
  type SessionList,
  sessionList,
} from '../../../contracts/sign-in/session.js';
import { type ApiKeyList, apiKeyList, type OwnKeyParams, ownKeyParams } from '../../../contracts/identity/principal.js';
import { type Caller, CurrentCaller, RequirePermission, RequirePermissionNow } from '../../http/access.js';
import { PrincipalsService } from '../../identity/principals.service.js';
import { CountsAs } from '../../limits/counts-as.js';
import { Describe } from '../../http/describe.js';
import { dropCookie, SESSION_COOKIE } from '../browser/cookies.js';
import { MeService } from './me.service.js';
import { SessionsService } from '../sessions/sessions.service.js';

@ApiTags('me')
@Controller('v1/me')
@CountsAs('calls')
export class MeController {
  constructor(
    private readonly me: MeService,
    private readonly sessions: SessionsService,
    private readonly principals: PrincipalsService,
  ) {}

  @Get()
  @RequirePermission('me.read')
  @Describe('Who you are to the broker, how it knows, and what you may do', 200, meView)
  look(@CurrentCaller() caller: Caller): Promise<MeView> {
    return this.me.look(caller);
  }

  @Get('keys')
  @RequirePermission('key.make')
  @Describe('List your API keys, the newest first', 200, apiKeyList)
  listKeys(@CurrentCaller() { name }: Caller): Promise<ApiKeyList> {
    return this.principals.listKeys(name);
  }

  @Delete('keys/:id')
  @RequirePermissionNow('key.make')
  @Describe('Revoke one of your API keys; within five seconds it works nowhere', 204)
  revokeKey(@CurrentCaller() caller: Caller, @Param({ schema: ownKeyParams }) { id }: OwnKeyParams): Promise<void> {
    return this.principals.revokeKey({ name: caller.name, id }, caller);
  }

  @Get('sessions')
  @RequirePermission('session.own')
  @Describe('List your sessions, the newest first', 200, sessionList)
  list(@CurrentCaller() caller: Caller): Promise<SessionList> {
    return this.sessions.list(caller, caller);
  }

  @Delete('sessions')
  @RequirePermissionNow('session.own')
  @Describe('End all of your sessions, everywhere, at once', 204)
  async endAll(
    @CurrentCaller() caller: Caller,
    @Query({ schema: endSessionsQuery }) { keepCurrent }: EndSessionsQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    if (keepCurrent === 'true') return this.sessions.endOthers(caller);
    await this.sessions.endAll(caller, caller);
    if (caller.signIn.by === 'session') dropCookie(response, SESSION_COOKIE);
  }

  @Delete('sessions/:id')
  @RequirePermissionNow('session.own')
  @Describe('End one of your sessions', 204)
  endOne(
    @CurrentCaller() caller: Caller,
    @Param({ schema: ownSessionParams }) { id }: OwnSessionParams,
  ): Promise<void> {
    return this.sessions.endOne(caller, id, caller);
  }
}
