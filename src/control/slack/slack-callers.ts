import { isAgent } from '../../domain/principal.js';
import type { SlackAccount } from '../../domain/slack-asked.js';
import { type SlackCalls, SlackCallError, type SlackUser } from '../../channels/slack/receive/slack-calls.js';
import type { SlackSettings } from '../../config/slack.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import type { PrincipalRow } from '../../persistence/entities/identity/principal.js';
import { IdentityMappingRepository } from '../../persistence/identity/identity-mapping.repository.js';
import { IdentityProviderRepository } from '../../persistence/identity/identity-provider.repository.js';
import { PersonRepository } from '../../persistence/identity/person.repository.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import { SlackLinkRepository } from '../../persistence/slack/slack-link.repository.js';
import type { Caller } from '../http/access.js';
import { signedInCaller } from '../identity/caller-of.js';
import type { GivenRoles } from '../identity/session-roles.js';
import { groupsTogether } from '../providers/mapped-roles.js';

const HOUR_MS = 3_600_000;

export interface SlackCallersOptions {
  readonly settings: SlackSettings;
  /** What an identity provider said at somebody's last sign-in counts for so many hours. */
  readonly signInHours: number;
  readonly calls: SlackCalls;
  readonly links: SlackLinkRepository;
  readonly principals: PrincipalRepository;
  readonly persons: PersonRepository;
  readonly providers: IdentityProviderRepository;
  readonly mappings: IdentityMappingRepository;
  readonly clock: Clock;
}

/**
 * Who somebody in Slack is, looked up again each time: by the link that they made, or by their e-mail address; never by the
 * other where one of them fails. What they may do is what the broker can stand for without them: no provider is there to say
 * what groups they have now.
 */
export class SlackCallers {
  constructor(private readonly options: SlackCallersOptions) {}

  /**
   * The principal behind an account, as it is now.
   * @throws BrokerError `slack_account_refused`, `slack_not_linked`, `slack_email_unknown`, `slack_sign_in_old`,
   * `signin_principal_disabled`, `slack_unavailable`, `state_unavailable`
   */
  async callerOf(account: SlackAccount): Promise<Caller> {
    const { teamId, identity } = this.options.settings;
    if (account.team !== teamId) throw new BrokerError('slack_account_refused');
    const principal = await (identity === 'link' ? this.#linked(account) : this.#withEmail(account));
    if (isAgent(principal)) throw new BrokerError('slack_account_refused');
    if (principal.disabledAtMs !== null) throw new BrokerError('signin_principal_disabled');
    const given = await this.#givenTo(principal);
    return signedInCaller(principal, given, { by: 'slack', team: account.team, user: account.user });
  }

  /** @throws BrokerError `slack_account_refused` for bots, guests and strangers, and who has left; `slack_unavailable` */
  async requireMember(account: SlackAccount): Promise<SlackUser> {
    if (account.team !== this.options.settings.teamId) throw new BrokerError('slack_account_refused');
    const user = await this.#user(account);
    if (!isFullMember(user, account)) throw new BrokerError('slack_account_refused');
    return user;
  }

  async #linked(account: SlackAccount): Promise<PrincipalRow> {
    const link = await this.options.links.find(account);
    const principal = link && (await this.options.principals.findById(link.principalId));
    if (principal === undefined) throw new BrokerError('slack_not_linked');
    return principal;
  }

  /** Both sides have verified the address, and one principal alone has it. */
  async #withEmail(account: SlackAccount): Promise<PrincipalRow> {
    const user = await this.requireMember(account);
    const email = user.is_email_confirmed ? user.profile.email?.toLowerCase() : undefined;
    const [principal, ...others] = email === undefined ? [] : await this.#brought(email);
    if (principal === undefined || others.length > 0) throw new BrokerError('slack_email_unknown');
    return principal;
  }

  async #brought(email: string): Promise<readonly PrincipalRow[]> {
    const found = await this.options.persons.withEmail(email);
    return found.filter((row) => row.provider !== null && row.email?.toLowerCase() === email);
  }

  async #user(account: SlackAccount): Promise<SlackUser> {
    try {
      return await this.options.calls.userOf(account);
    } catch (cause) {
      const isUnknown = cause instanceof SlackCallError && cause.reason === 'user_not_found';
      throw new BrokerError(isUnknown ? 'slack_account_refused' : 'slack_unavailable', { cause });
    }
  }

  /**
   * What an operator gave counts always. What a provider gave counts from a sign-in that is not too old, as long as
   * neither the provider nor the mapping has changed since: both may have taken it away.
   */
  async #givenTo(principal: PrincipalRow): Promise<GivenRoles> {
    const { roles, groups, provider, mappedGroups, signedInAtMs } = principal;
    const { providers, mappings, clock, signInHours } = this.options;
    const [known, mapping] = await Promise.all([providers.list(), mappings.newest()]);
    const forPeople = known.filter(({ purposes }) => purposes.includes('people'));
    if (provider === null) {
      // As a session that began with a one-time link, which is over once a provider signs people in.
      if (forPeople.length > 0) throw new BrokerError('slack_sign_in_old');
      return { roles, groups };
    }
    const now = forPeople.find(({ name }) => name === provider);
    const changedAtMs = Math.max(now?.changedAtMs ?? Infinity, mapping?.changedAtMs ?? Infinity);
    const oldestMs = Math.max(changedAtMs, clock.nowMs() - signInHours * HOUR_MS);
    if (signedInAtMs === null || signedInAtMs < oldestMs) throw new BrokerError('slack_sign_in_old');
    return { roles, groups: groupsTogether(mappedGroups ?? [], groups) };
  }
}

/** Neither a bot nor a guest, nor somebody of another workspace or who has left. */
function isFullMember(user: SlackUser, { team }: SlackAccount): boolean {
  const isLess = user.deleted || user.is_bot || user.is_stranger || user.is_restricted || user.is_ultra_restricted;
  return !isLess && user.team_id === team;
}
