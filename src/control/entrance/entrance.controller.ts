import { Controller, Get, HttpCode, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../http/access.js';
import { CountsAs } from '../limits/counts-as.js';
import { BuiltPage } from '../page/built-page.js';
import { sendDocument } from '../page/page-document.js';
import { homePage } from '../sign-in/pages/home-page.js';
import { sendPage } from '../sign-in/pages/page.js';
import { SignInChoices } from '../sign-in/sign-in-choices.js';
import { EntranceReader } from './entrance.js';
import { entranceJson } from './entrance-json.js';
import { llmsText } from './llms-text.js';

/** In the order in which they are given to somebody who takes anything. */
const FORMS = ['application/json', 'text/html', 'text/markdown', 'text/plain'];

/** Where somebody begins who has nothing but the address. */
@ApiExcludeController()
@Controller()
@CountsAs('pages')
export class EntranceController {
  constructor(
    private readonly choices: SignInChoices,
    private readonly page: BuiltPage,
    private readonly entrance: EntranceReader,
  ) {}

  /** A person gets the page, which leads to where their work is, or the way to sign in; a program gets links and first steps. */
  @Get()
  @Public()
  async root(@Req() request: Request, @Res() response: Response): Promise<void> {
    response.vary('Accept, Authorization, Cookie');
    const form = request.accepts(FORMS);
    if (form === 'text/html') return this.#sendPage(request, response);
    if (form === 'text/markdown' || form === 'text/plain') return this.guide(request, response);
    response.json(entranceJson(await this.entrance.read(request, response)));
  }

  /** The same as text that a language model reads. */
  @Get('llms.txt')
  @Public()
  async guide(@Req() request: Request, @Res() response: Response): Promise<void> {
    response.vary('Authorization');
    const text = llmsText(await this.entrance.read(request, response));
    response.type('text/plain; charset=utf-8').send(text);
  }

  /** Browsers ask for it by themselves. */
  @Get('favicon.ico')
  @Public()
  @HttpCode(204)
  icon(): void {
    // There is none.
  }

  async #sendPage(request: Request, response: Response): Promise<void> {
    const caller = await this.choices.callerOf(request);
    if (caller === undefined) response.redirect(303, '/auth/sign-in');
    else if (this.page.build === null) sendPage(response, homePage(caller));
    else sendDocument(response, this.page);
  }
}
