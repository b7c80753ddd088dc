import { Inject, Injectable } from '@nestjs/common';
import type { ApiConfig } from '../../../config/api.js';
import type { MeView } from '../../../contracts/sign-in/session.js';
import type { SignIn } from '../../../domain/identity/sign-in.js';
import { assert } from '../../../kernel/assert.js';
import type { Clock } from '../../../kernel/clock.js';
import { PrincipalRepository } from '../../../persistence/identity/principal.repository.js';
import { BODY_BYTES_MAX, STREAMS_OF_ONE_MAX } from '../../http/caller-limits.js';
import type { Caller } from '../../http/access.js';
import { SlackLinks } from '../../slack/slack-links.service.js';
import { timeOf, timeOrNull } from '../../http/time.js';
import { BuiltPage } from '../../page/built-page.js';
import { API_CONFIG, CLOCK } from '../../modules/tokens.js';
import { Sessions } from '../sessions/sessions.js';

/** What the api knows of the one who calls. */
@Injectable()
export class MeService {
  constructor(
    private readonly principals: PrincipalRepository,
    private readonly sessions: Sessions,
    private readonly page: BuiltPage,
    private readonly slack: SlackLinks,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async look(caller: Caller): Promise<MeView> {
    const row = await this.principals.findById(caller.id);
    assert(row !== undefined, 'principals are never deleted');
    const { id, name, kind, email, displayName } = row;
    const { person, roles, groups, permissions, sponsor } = caller;
    return {
      principal: { id, name, kind, email, displayName },
      person,
      roles,
      groups,
      permissions: [...permissions].sort(),
      signIn: signInViewOf(caller.signIn),
      sponsor,
      limits: { bodyBytes: BODY_BYTES_MAX, streams: STREAMS_OF_ONE_MAX, session: await this.#sessionLimits(caller) },
      slack: await this.slack.of(caller),
      page: { build: this.page.build },
    };
  }

  async #sessionLimits({ id, signIn }: Caller): Promise<MeView['limits']['session']> {
    if (signIn.by !== 'session' && signIn.by !== 'device') return null;
    const current = (await this.sessions.listOf(id)).find((session) => session.id === signIn.session);
    if (current === undefined) return null; // it ended a moment ago
    return {
      idleSeconds: this.config.SESSION_IDLE_MINUTES * 60,
      seconds: this.config.SESSION_HOURS * 3_600,
      endsAt: timeOf(this.clock.nowMs() + this.sessions.leftMs(current)),
      latestEndsAt: timeOf(this.sessions.latestEndMs(current)),
    };
  }
}

function signInViewOf(signIn: SignIn): MeView['signIn'] {
  assert(signIn.by !== 'slack', 'nobody calls the api from Slack');
  const session = signIn.by === 'session' || signIn.by === 'device' ? signIn : null;
  return {
    by: signIn.by,
    key: signIn.by === 'api-key' ? signIn.key : null,
    provider: signIn.by === 'api-key' ? null : signIn.provider,
    session: session?.session ?? null,
    signedInAt: session === null ? null : timeOrNull(session.signedInAtMs),
  };
}
