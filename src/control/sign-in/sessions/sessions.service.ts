import { Inject, Injectable } from '@nestjs/common';
import type { SessionList } from '../../../contracts/sign-in/session.js';
import type { Clock } from '../../../kernel/clock.js';
import { BrokerError } from '../../../kernel/errors.js';
import { AccessSignals } from '../../../messaging/access-signals.js';
import type { PrincipalRow } from '../../../persistence/entities/identity/principal.js';
import { PrincipalRepository } from '../../../persistence/identity/principal.repository.js';
import type { Caller } from '../../http/access.js';
import { timeOf } from '../../http/time.js';
import { CLOCK } from '../../modules/tokens.js';
import { AdminRecord } from '../../record/admin-record.js';
import { Sessions } from './sessions.js';
import type { OpenSession } from './stored-session.js';

/** Whose sessions: anybody's, or the caller's own. */
export type SessionPrincipal = Pick<PrincipalRow, 'id' | 'name'>;

/** Looking at sessions, and ending them. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: Sessions,
    private readonly principals: PrincipalRepository,
    private readonly signals: AccessSignals,
    private readonly record: AdminRecord,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws BrokerError `principal_not_found` */
  async ownerNamed(name: string): Promise<SessionPrincipal> {
    const row = await this.principals.findByName(name);
    if (row === undefined) throw new BrokerError('principal_not_found');
    return row;
  }

  async list(owner: SessionPrincipal, caller: Caller): Promise<SessionList> {
    const current = currentOf(caller);
    const open = await this.sessions.listOf(owner.id);
    return { items: open.map((session) => this.#viewOf(session, owner.id === caller.id ? current : null)), next: null };
  }

  /** @throws BrokerError `session_not_found` */
  async endOne(owner: SessionPrincipal, id: string, caller: Caller): Promise<void> {
    const session = (await this.sessions.listOf(owner.id)).find((open) => open.id === id);
    if (session === undefined) throw new BrokerError('session_not_found');
    await this.#note(caller, owner, [session]);
    await this.sessions.end(owner.id, [session]);
  }

  /** All sessions of a principal but the one that the call came with. */
  async endOthers(caller: Caller): Promise<void> {
    const current = currentOf(caller);
    const others = (await this.sessions.listOf(caller.id)).filter(({ id }) => id !== current);
    if (others.length === 0) return;
    await this.#note(caller, caller, others);
    await this.sessions.end(caller.id, others);
  }

  /** All sessions of a principal, also those that Redis no longer knows to be its own. */
  async endAll(owner: SessionPrincipal, caller: Caller): Promise<void> {
    await this.record.together(async (at) => {
      await at.of(PrincipalRepository).raiseSessionEpoch(owner.id);
      const subject = { kind: 'principal', name: owner.name } as const;
      return { result: undefined, note: { act: 'session.ended', by: caller, subject, after: { all: true } } };
    });
    await this.sessions.endAll(owner.id);
  }

  /** The sessions of everybody, the caller's too. */
  async endEverybodys(caller: Caller): Promise<void> {
    await this.record.together(async (at) => {
      await at.of(PrincipalRepository).raiseAllSessionEpochs();
      const subject = { kind: 'session', name: '*' } as const;
      return { result: undefined, note: { act: 'session.ended', by: caller, subject, after: { all: true } } };
    });
    this.signals.changed(null);
  }

  async #note(caller: Caller, owner: SessionPrincipal, ended: readonly OpenSession[]): Promise<void> {
    for (const { id } of ended) {
      const subject = { kind: 'session', name: id } as const;
      await this.record.note({ act: 'session.ended', by: caller, subject, before: { principal: owner.name } });
    }
  }

  #viewOf(session: OpenSession, current: string | null): SessionList['items'][number] {
    const { id, identity, authAtMs, createdAtMs, lastSeenMs, address, userAgent, device = null } = session;
    return {
      id,
      current: id === current,
      provider: identity?.provider ?? null,
      signedInAt: timeOf(authAtMs),
      createdAt: timeOf(createdAtMs),
      lastSeenAt: timeOf(lastSeenMs),
      endsAt: timeOf(this.clock.nowMs() + this.sessions.leftMs(session)),
      address,
      userAgent,
      device,
    };
  }
}

/** The public id of the session that the call came with, of a browser or of the command line. */
export function currentOf({ signIn }: Caller): string | null {
  return signIn.by === 'session' || signIn.by === 'device' ? signIn.session : null;
}
