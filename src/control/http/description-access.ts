import { Injectable } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { Authenticator } from '../identity/authenticator.js';
import { FailureLimit } from '../limits/failure-limit.js';
import { ProviderCache } from '../providers/provider-cache.js';
import { ownPath } from '../sign-in/browser/own-path.js';
import { SignInChoices } from '../sign-in/sign-in-choices.js';

/** Paths of the API's description, and of the files of its page. */
export const DESCRIPTION_PATHS = ['/docs', '/openapi.json', '/openapi.yaml'] as const;
/** Where the `type` of every problem leads: of refused sign-ins too. */
const ERRORS_PATH = /^\/docs\/errors\/?$/i;

/**
 * Who may read the description of the API: everybody, until an identity provider is configured. From then on everybody has a
 * way to be known, and it is for those who are.
 */
@Injectable()
export class DescriptionAccess {
  constructor(
    private readonly providers: ProviderCache,
    private readonly authenticator: Authenticator,
    private readonly failures: FailureLimit,
    private readonly choices: SignInChoices,
  ) {}

  /** Stands before what serves the description, as middleware of Express, which answers what is thrown as a problem. */
  async guard(request: Request, response: Response, next: NextFunction): Promise<void> {
    if (await this.#admit(request, response)) next();
  }

  /** @returns false when a browser was led to sign in. @throws BrokerError what {@link Authenticator.authenticate} throws */
  async #admit(request: Request, response: Response): Promise<boolean> {
    const path = `${request.baseUrl}${request.path}`;
    if (ERRORS_PATH.test(path)) return true;
    if ((await this.providers.read()).providers.size === 0) return true;
    response.vary('Accept, Authorization, Cookie');
    if (isBrowser(request) && (await this.choices.isSignedOut(request))) {
      response.redirect(303, `/auth/sign-in?return=${encodeURIComponent(ownPath(request.originalUrl))}`);
      return false;
    }
    await this.failures.whileTrying(request, response, () => this.authenticator.authenticate(request));
    return true;
  }
}

/** Whether somebody looks at it with a browser, and no program with a key or token. */
function isBrowser(request: Request): boolean {
  return request.headers.authorization === undefined && request.accepts(['json', 'html']) === 'html';
}
