import { Controller, Get, Param, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../../http/access.js';
import { CountsAs } from '../../limits/counts-as.js';
import { isLookAhead } from '../browser/navigation.js';
import { SamlSignIns } from './saml-sign-ins.js';
import { SignInFilter } from '../sign-in.filter.js';

/** The addresses at which browsers and SAML providers meet the broker. */
@ApiExcludeController()
@Controller('auth/saml/:provider')
@UseFilters(SignInFilter)
export class SamlController {
  constructor(private readonly saml: SamlSignIns) {}

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
    response.redirect(303, await this.saml.start(request, response, start));
  }

  @Post('acs')
  @Public()
  @CountsAs('sign-in-callbacks')
  async finish(@Req() request: Request, @Res() response: Response, @Param('provider') provider: string): Promise<void> {
    response.redirect(303, await this.saml.finish(request, provider));
  }

  @Get('metadata')
  @Public()
  @CountsAs('pages')
  async metadata(@Res() response: Response, @Param('provider') provider: string): Promise<void> {
    response.type('application/samlmetadata+xml').send(await this.saml.metadata(provider));
  }
}
