import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { BrokerError } from '../../kernel/errors.js';
import type { Caller } from '../http/access.js';
import { Authenticator } from '../identity/authenticator.js';
import { AdminRecord } from '../record/admin-record.js';
import { cookieOf, dropCookie, hasCookie, SESSION_COOKIE } from './browser/cookies.js';
import { PublicAddress } from './browser/public-address.js';
import { refuseOtherForms } from './browser/same-site.js';
import { Sessions } from './sessions/sessions.js';

/** Ends the session of a browser. */
@Injectable()
export class SignOut {
  constructor(
    private readonly sessions: Sessions,
    private readonly authenticator: Authenticator,
    private readonly record: AdminRecord,
    private readonly address: PublicAddress,
  ) {}

  /** Also right where there is no session any more. @throws BrokerError `cross_site_refused`, `queue_unavailable` */
  async end(request: Request, response: Response): Promise<void> {
    if (!hasCookie(request, SESSION_COOKIE)) return;
    refuseOtherForms(request, this.address.origin);
    const session = await this.sessions.find(cookieOf(request, SESSION_COOKIE) ?? '');
    if (session !== undefined) {
      const caller = await this.#callerOf(request);
      const subject = { kind: 'session', name: session.id } as const;
      if (caller !== undefined) await this.record.note({ act: 'session.ended', by: caller, subject });
      await this.sessions.end(session.principal, [session]);
    }
    dropCookie(response, SESSION_COOKIE);
  }

  /** Undefined when the session may no longer call: it ends all the same. */
  async #callerOf(request: Request): Promise<Caller | undefined> {
    try {
      return await this.authenticator.authenticate(request, { isBackground: true });
    } catch (error) {
      if (error instanceof BrokerError && error.row.httpStatus < 500) return undefined;
      throw error;
    }
  }
}
