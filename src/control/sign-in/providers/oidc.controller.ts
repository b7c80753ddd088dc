import { Controller, Get, Param, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../../http/access.js';
import { CountsAs } from '../../limits/counts-as.js';
import { isLookAhead } from '../browser/navigation.js';
import { OidcSignIns } from './oidc-sign-ins.js';
import { SignInFilter } from '../sign-in.filter.js';

/** The addresses at which browsers and OpenID Connect providers meet the broker. */
@ApiExcludeController()
@Controller('auth/oidc/:provider')
@UseFilters(SignInFilter)
export class OidcController {
  constructor(private readonly oidc: OidcSignIns) {}

  @Get()
  @Public()
  @CountsAs('sign-in-starts')
  async start(
    @Req() request: Request,
    @Res() response: Response,
    @Param('provider') provider: string,
    @Query() { return: returnTo, reauthenticate }: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    if (isLookAhead(request)) return void response.status(204).end();
    const start = { provider, returnTo, isFresh: reauthenticate === '1' };
    response.redirect(303, await this.oidc.start(request, response, start));
  }

  @Get('callback')
  @Public()
  @CountsAs('sign-in-callbacks')
  async finish(@Req() request: Request, @Res() response: Response, @Param('provider') provider: string): Promise<void> {
    if (isLookAhead(request)) return void response.status(204).end();
    response.redirect(303, await this.oidc.finish(request, provider));
  }
}
