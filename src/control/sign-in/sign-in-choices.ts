import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { BrokerError } from '../../kernel/errors.js';
import type { Caller } from '../http/access.js';
import { Authenticator, comesWithSession } from '../identity/authenticator.js';
import { ownPath } from './browser/own-path.js';
import type { PlainPage } from './pages/page.js';
import { SIGNED_OUT, signInPage } from './pages/sign-in-page.js';
import { PeopleProviders } from './providers/people-providers.js';
import { PublicAddress } from './browser/public-address.js';

/** The ways to sign in that somebody has here. */
@Injectable()
export class SignInChoices {
  constructor(
    private readonly providers: PeopleProviders,
    private readonly address: PublicAddress,
    private readonly authenticator: Authenticator,
  ) {}

  /** @throws BrokerError `state_unavailable` */
  async page(request: Request, wanted: unknown, signedOut: unknown): Promise<PlainPage> {
    return signInPage({
      providers: await this.providers.list(),
      fault: this.address.fault,
      name: (await this.callerOf(request))?.name,
      returnTo: ownPath(wanted),
      signedOut: SIGNED_OUT.find((known) => known === signedOut),
    });
  }

  /**
   * Whether it is sure that nobody is signed in with this browser. Where it cannot be known now, a page says so better than
   * a sign-in that would fail too.
   */
  async isSignedOut(request: Request): Promise<boolean> {
    if (!comesWithSession(request)) return true;
    try {
      await this.authenticator.authenticate(request, { isBackground: true });
      return false;
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      return error.code === 'session_ended' || error.code === 'unauthenticated';
    }
  }

  /** Who is signed in already; nobody where it cannot be known: signing in again mends that. */
  async callerOf(request: Request): Promise<Caller | undefined> {
    if (!comesWithSession(request)) return undefined;
    try {
      return await this.authenticator.authenticate(request, { isBackground: true });
    } catch (error) {
      if (error instanceof BrokerError) return undefined;
      throw error;
    }
  }
}
