import { Inject, Injectable } from '@nestjs/common';
import type { SignIn } from '../../domain/identity/sign-in.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import type { Caller } from '../http/access.js';
import { CLOCK } from '../modules/tokens.js';
import { PeopleProviders } from '../sign-in/providers/people-providers.js';
import { Sessions } from '../sign-in/sessions/sessions.js';
import type { OpenSession } from '../sign-in/sessions/stored-session.js';
import { CallerCache } from './caller-cache.js';
import { signedInCaller } from './caller-of.js';
import { SessionRoles } from './session-roles.js';

/** What is known of a session's principal is asked for again after this time, also when no message came. */
const AGE_MS_MAX = 1_000;

/**
 * Who stands behind the cookie of a session, or the secret of a command line's. Every request reads the session from Redis,
 * so that one that has ended works nowhere; what its principal may do is computed again every second, and at once when
 * somebody says that it has changed.
 */
@Injectable()
export class SessionCallers {
  constructor(
    private readonly sessions: Sessions,
    private readonly principals: PrincipalRepository,
    private readonly roles: SessionRoles,
    private readonly providers: PeopleProviders,
    private readonly callers: CallerCache,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws BrokerError `session_ended`, the same for every reason; `state_unavailable`, `queue_unavailable` */
  async find(
    presented: { readonly cookie: string } | { readonly device: string },
    { asOfNow, isBackground }: { readonly asOfNow: boolean; readonly isBackground: boolean },
  ): Promise<Caller> {
    const session =
      'cookie' in presented
        ? await this.sessions.find(presented.cookie)
        : await this.sessions.findDevice(presented.device);
    if (session === undefined) throw new BrokerError('session_ended');
    const known = asOfNow ? undefined : this.callers.find(keyOf(session), this.clock.nowMs());
    const caller = known ?? (await this.#look(session));
    if (!isBackground) await this.sessions.renew(session);
    return caller;
  }

  async #look(session: OpenSession): Promise<Caller> {
    const { generation } = this.callers;
    const caller = await this.#callerOf(session);
    if (caller === undefined) {
      await this.sessions.end(session.principal, [session]);
      throw new BrokerError('session_ended');
    }
    const known = { nowMs: this.clock.nowMs(), generation, ageMs: AGE_MS_MAX };
    this.callers.remember(keyOf(session), caller, known);
    return caller;
  }

  /** Undefined when the session must end: its principal may not call, all of its sessions were ended, or links are over. */
  async #callerOf(session: OpenSession): Promise<Caller | undefined> {
    const principal = await this.principals.findById(session.principal);
    if (principal === undefined || principal.disabledAtMs !== null) return undefined;
    if (principal.sessionEpoch !== session.epoch) return undefined;
    if (session.identity === null && (await this.providers.areThere())) return undefined;
    const given = await this.roles.of(session, principal);
    if (given === undefined) return undefined;
    return signedInCaller(principal, given, this.#signInOf(session));
  }

  #signInOf(session: OpenSession): SignIn {
    const facts = {
      session: session.id,
      provider: session.identity?.provider ?? null,
      signedInAtMs: provedAtMs(session),
    };
    if (session.device === undefined) return { by: 'session', ...facts };
    return { by: 'device', ...facts, endsAtMs: this.sessions.latestEndMs(session) };
  }
}

/** Null where the provider does not say: the session's own beginning would be too late a time. */
function provedAtMs({ identity, authAtMs }: OpenSession): number | null {
  return identity === null ? authAtMs : identity.authAtMs;
}

function keyOf({ hash }: OpenSession): string {
  return `session:${hash}`;
}
