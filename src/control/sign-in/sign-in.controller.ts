import { Controller, Get, Inject, Param, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Clock } from '../../kernel/clock.js';
import { Public } from '../http/access.js';
import { CountsAs } from '../limits/counts-as.js';
import { FailureLimit } from '../limits/failure-limit.js';
import { CLOCK } from '../modules/tokens.js';
import { isLookAhead, mustBeOwnNavigation } from './browser/navigation.js';
import { sendPage } from './pages/page.js';
import { PublicAddress } from './browser/public-address.js';
import { isForm } from './browser/same-site.js';
import { SignInFilter } from './sign-in.filter.js';
import { SignInLinks } from './sign-in-links.js';
import { SignInChoices } from './sign-in-choices.js';
import { SignIns } from './sign-ins.js';
import { SignOut } from './sign-out.js';
import { isFromThisMachine } from './browser/this-machine.js';

const LINK_SESSION_MS = 3_600_000;

/** What people come to with a browser to sign in and out. Answers are pages, or problems for a program. */
@ApiExcludeController()
@Controller('auth')
@CountsAs('pages')
@UseFilters(SignInFilter)
export class SignInController {
  constructor(
    private readonly choices: SignInChoices,
    private readonly signIns: SignIns,
    private readonly links: SignInLinks,
    private readonly signOut: SignOut,
    private readonly address: PublicAddress,
    private readonly failures: FailureLimit,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('sign-in')
  @Public()
  async choose(
    @Req() request: Request,
    @Res() response: Response,
    @Query('return') wanted: unknown,
    @Query('out') signedOut: unknown,
  ): Promise<void> {
    sendPage(response, await this.choices.page(request, wanted, signedOut));
  }

  @Get('finish')
  @Public()
  async finish(@Req() request: Request, @Res() response: Response, @Query('t') ticket: unknown): Promise<void> {
    if (isLookAhead(request)) return void response.status(204).end();
    await this.failures.requireSignInOpen(request, response);
    response.redirect(303, await this.signIns.finish(request, response, ticket));
  }

  @Get('link/:secret')
  @Public()
  @CountsAs('first-links')
  async link(@Req() request: Request, @Res() response: Response, @Param('secret') secret: string): Promise<void> {
    if (isLookAhead(request)) return void response.status(204).end();
    this.address.mustBeSafe(request);
    await this.failures.requireSignInOpen(request, response);
    mustBeOwnNavigation(request);
    const principal = await this.links.use(secret, isFromThisMachine(request));
    const untilMs = this.clock.nowMs() + LINK_SESSION_MS;
    await this.signIns.begin(request, response, { principal, identity: null, untilMs });
    response.redirect(303, '/');
  }

  @Post('sign-out')
  @Public()
  async end(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.signOut.end(request, response);
    if (isForm(request)) response.redirect(303, '/auth/sign-in?out=here');
    else response.status(204).end();
  }
}
