import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { BrokerError } from '../../kernel/errors.js';
import type { Caller } from '../http/access.js';
import { cookieOf, hasCookie, SESSION_COOKIE } from '../sign-in/browser/cookies.js';
import { isMeantAsDevice } from '../sign-in/sessions/stored-session.js';
import { TokenCallers } from '../providers/token-callers.js';
import { bearerOf } from './api-key.js';
import { KeyCallers } from './key-callers.js';
import { SessionCallers } from './session-callers.js';

export interface LookOptions {
  /** What was known of the caller a moment ago is not enough. */
  readonly asOfNow?: boolean;
  /** The caller does nothing at this moment: a session does not last longer for it. */
  readonly isBackground?: boolean;
}

/** Says who calls: by what `Authorization` brings or, without it, by the cookie of a session. Never by both. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly byKey: KeyCallers,
    private readonly bySession: SessionCallers,
    private readonly byToken: TokenCallers,
  ) {}

  /**
   * @throws BrokerError `unauthenticated`, the same for every reason; `session_ended`, `credentials_ambiguous`,
   *   `state_unavailable`, `queue_unavailable`, what {@link TokenCallers.find} throws
   */
  async authenticate(request: Request, { asOfNow = false, isBackground = false }: LookOptions = {}): Promise<Caller> {
    const { authorization } = request.headers;
    if (!comesWithSession(request)) {
      if (authorization !== undefined && hasCookie(request, SESSION_COOKIE)) {
        throw new BrokerError('credentials_ambiguous');
      }
      const token = bearerOf(authorization);
      // A token of a provider is a JWT: three parts with dots between, which no API key has.
      if (token?.includes('.') === true) return this.byToken.find(token, asOfNow);
      if (token !== undefined && isMeantAsDevice(token)) {
        return this.bySession.find({ device: token }, { asOfNow, isBackground });
      }
      return this.byKey.find(authorization, asOfNow);
    }
    const cookie = cookieOf(request, SESSION_COOKIE);
    if (cookie === undefined) throw new BrokerError('session_ended');
    return this.bySession.find({ cookie }, { asOfNow, isBackground });
  }
}

/** Whether the request is to be known by its session: its browser sends the cookie with any page’s request. */
export function comesWithSession(request: Request): boolean {
  return request.headers.authorization === undefined && hasCookie(request, SESSION_COOKIE);
}
