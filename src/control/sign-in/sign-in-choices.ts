import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { BrokerError } from '../../kernel/errors.js';
import type { Caller } from '../http/access.js';
import { Authenticator, comesWithSession } from '../identity/authenticator.js';
import { ownPath } from './own-path.js';
import { homePage } from './pages/home-page.js';
import type { Page } from './pages/page.js';
import { signInPage } from './pages/sign-in-page.js';
import { PeopleProviders } from './people-providers.js';
import { PublicAddress } from './public-address.js';

/** The ways to sign in that somebody has here. */
@Injectable()
export class SignInChoices {
  constructor(
    private readonly providers: PeopleProviders,
    private readonly address: PublicAddress,
    private readonly authenticator: Authenticator,
  ) {}

  /** @throws BrokerError `state_unavailable` */
  async page(request: Request, wanted: unknown): Promise<Page> {
    return signInPage({
      providers: await this.providers.list(),
      fault: this.address.fault,
      name: (await this.#callerOf(request))?.name,
      returnTo: ownPath(wanted),
    });
  }

  /** The first page of the person who is signed in; undefined where nobody is. */
  async home(request: Request): Promise<Page | undefined> {
    const caller = await this.#callerOf(request);
    return caller === undefined ? undefined : homePage(caller);
  }

  /** Who is signed in already; nobody where it cannot be known: signing in again mends that. */
  async #callerOf(request: Request): Promise<Caller | undefined> {
    if (!comesWithSession(request)) return undefined;
    try {
      return await this.authenticator.authenticate(request, { isBackground: true });
    } catch (error) {
      if (error instanceof BrokerError) return undefined;
      throw error;
    }
  }
}
