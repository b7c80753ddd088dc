import { Controller, Delete, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type PrincipalParams, principalParams } from '../../../contracts/identity/principal.js';
import {
  type SessionList,
  sessionList,
  type SessionParams,
  sessionParams,
} from '../../../contracts/sign-in/session.js';
import { type Caller, CurrentCaller, RequirePermission, RequirePermissionNow } from '../../http/access.js';
import { CountsAs } from '../../limits/counts-as.js';
import { Describe } from '../../http/describe.js';
import { SessionsService } from './sessions.service.js';

/** Sessions of others, for operators. */
@ApiTags('sessions')
@Controller('v1')
@CountsAs('calls')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Get('principals/:name/sessions')
  @RequirePermission('session.read')
  @Describe('List the sessions of a principal, the newest first', 200, sessionList)
  async list(
    @CurrentCaller() caller: Caller,
    @Param({ schema: principalParams }) { name }: PrincipalParams,
  ): Promise<SessionList> {
    return this.sessions.list(await this.sessions.ownerNamed(name), caller);
  }

  @Delete('principals/:name/sessions')
  @RequirePermissionNow('session.end')
  @Describe('End all sessions of a principal, everywhere, at once', 204)
  async endAll(
    @CurrentCaller() caller: Caller,
    @Param({ schema: principalParams }) { name }: PrincipalParams,
  ): Promise<void> {
    return this.sessions.endAll(await this.sessions.ownerNamed(name), caller);
  }

  @Delete('principals/:name/sessions/:id')
  @RequirePermissionNow('session.end')
  @Describe('End one session of a principal', 204)
  async endOne(
    @CurrentCaller() caller: Caller,
    @Param({ schema: sessionParams }) { name, id }: SessionParams,
  ): Promise<void> {
    return this.sessions.endOne(await this.sessions.ownerNamed(name), id, caller);
  }

  @Delete('sessions')
  @RequirePermissionNow('session.end')
  @Describe('End the sessions of everybody, yours too', 204)
  endEverybodys(@CurrentCaller() caller: Caller): Promise<void> {
    return this.sessions.endEverybodys(caller);
  }
}
