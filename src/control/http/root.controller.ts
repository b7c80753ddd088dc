import { Controller, Get, HttpCode, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { CountsAs } from '../limits/counts-as.js';
import type { Request, Response } from 'express';
import { BuiltPage } from '../page/built-page.js';
import { sendDocument } from '../page/page-document.js';
import { homePage } from '../sign-in/pages/home-page.js';
import { sendPage } from '../sign-in/pages/page.js';
import { SignInChoices } from '../sign-in/sign-in-choices.js';
import { Public } from './access.js';

/** Where somebody begins who has nothing but the address. */
const ROOT = {
  name: 'Doorwarden',
  about: 'Just-in-time access to databases for AI agents: one task, one grant, one account, one sealed recording.',
  links: {
    docs: '/docs',
    openapi: '/openapi.json',
    errors: '/docs/errors',
    live: '/health/live',
    ready: '/health/ready',
    metrics: '/metrics',
  },
  firstSteps: [
    'Get an API key from an operator, and send it as `Authorization: Bearer <key>`.',
    'GET /v1/targets lists the databases that you can ask for.',
    'POST /v1/grants with {"target", "task": {"title"}, "ttlSeconds"} asks for a grant; the answer has the connection.',
    'Connect with any MySQL client. A change waits for a person; the client sees a slow statement.',
    'POST /v1/grants/{id}/close ends the task.',
  ],
} as const;

@ApiExcludeController()
@Controller()
@CountsAs('pages')
export class RootController {
  constructor(
    private readonly choices: SignInChoices,
    private readonly page: BuiltPage,
  ) {}

  /** A person gets the page, which leads to where their work is, or the way to sign in; everybody else gets links and first steps. */
  @Get()
  @Public()
  async root(@Req() request: Request, @Res() response: Response): Promise<void> {
    response.vary('Accept');
    if (request.accepts(['json', 'html']) !== 'html') return void response.json(ROOT);
    const caller = await this.choices.callerOf(request);
    if (caller === undefined) response.redirect(303, '/auth/sign-in');
    else if (this.page.build === null) sendPage(response, homePage(caller));
    else sendDocument(response, this.page);
  }

  /** Browsers ask for it by themselves. */
  @Get('favicon.ico')
  @Public()
  @HttpCode(204)
  icon(): void {
    // There is none.
  }
}
