import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { BrokerError } from '../../kernel/errors.js';
import { Public } from '../http/access.js';
import { CountsAs } from '../limits/counts-as.js';
import { ownPath } from '../sign-in/browser/own-path.js';
import { SignInChoices } from '../sign-in/sign-in-choices.js';
import { BuiltPage, type PageEncoding } from './built-page.js';
import { sendDocument } from './page-document.js';
import { PAGE_PATHS } from './page-paths.js';

const YEAR_SECONDS = 365 * 24 * 3600;
/** The smallest first. */
const ENCODINGS: readonly PageEncoding[] = ['br', 'gzip', 'identity'];

/** The web page: one document at each of its paths, and the files it loads. All that it shows it gets from the API. */
@ApiExcludeController()
@Controller()
@CountsAs('pages')
export class PageController {
  constructor(
    private readonly page: BuiltPage,
    private readonly choices: SignInChoices,
  ) {}

  /** The document has nothing that is secret; anyone who is not signed in is sent to do so first, and then back. */
  @Get([...PAGE_PATHS])
  @Public()
  async document(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (this.page.build === null) throw new BrokerError('route_not_found', { detail: NO_PAGE });
    response.vary('Accept, Cookie');
    if (request.accepts('html') === false) throw new BrokerError('route_not_found', { detail: FOR_BROWSERS });
    if (await this.choices.isSignedOut(request)) {
      const back = encodeURIComponent(ownPath(request.originalUrl));
      return response.redirect(303, `/auth/sign-in?return=${back}`);
    }
    sendDocument(response, this.page);
  }

  @Get('assets/:file')
  @Public()
  asset(@Req() request: Request, @Res() response: Response, @Param('file') name: string): void {
    const file = this.page.file(name);
    if (file === undefined) throw new BrokerError('route_not_found', { detail: OLD_FILE });
    response.vary('Accept-Encoding');
    const taken = ENCODINGS.find((one) => file.bytes.has(one) && request.acceptsEncodings(one) !== false);
    const chosen = taken ?? 'identity';
    if (chosen !== 'identity') response.setHeader('Content-Encoding', chosen);
    response.setHeader('Cache-Control', `public, max-age=${YEAR_SECONDS}, immutable`);
    response.setHeader('Content-Type', file.type);
    response.send(file.bytes.get(chosen));
  }
}

const NO_PAGE = 'The web page is not part of this installation; the log of the api says why.';
const FOR_BROWSERS = 'At this path there is a page for people. Programs find what it shows below /v1.';
const OLD_FILE = 'If the page asked for it, the broker was updated since: load the page again.';
