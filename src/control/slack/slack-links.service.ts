import { createHash, randomBytes } from 'node:crypto';
import type { SlackLinkCode, SlackLinkView } from '../../contracts/channels/slack-link.js';
import type { SlackSettings } from '../../config/slack.js';
import { accountText, type SlackAccount } from '../../domain/slack-asked.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import { SlackLinkRepository } from '../../persistence/slack/slack-link.repository.js';
import type { StateTransaction } from '../../persistence/state/state-transaction.js';
import type { Caller } from '../http/access.js';
import { timeOf } from '../http/time.js';
import { AdminRecord } from '../record/admin-record.js';

const CODE_MS = 10 * 60_000;
/** RFC 4648; nobody mistakes its digits for letters. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const CODE_CHARACTERS = 16;

export interface SlackLinksOptions {
  /** Null: this broker has no Slack. */
  readonly settings: SlackSettings | null;
  readonly links: SlackLinkRepository;
  readonly principals: PrincipalRepository;
  readonly record: AdminRecord;
  readonly clock: Clock;
}

/** Which account of Slack is whose: people say so themselves, signed in to the page, by a code that they send from there. */
export class SlackLinks {
  constructor(private readonly options: SlackLinksOptions) {}

  /** Null where nobody can be linked here. */
  async of(caller: Caller): Promise<SlackLinkView | null> {
    if (!this.#canLink) return null;
    const link = await this.options.links.findOf(caller.id);
    if (link === undefined) return { account: null };
    const { team, user, linkedAtMs } = link;
    return { account: { team, user, linkedAt: timeOf(linkedAtMs) } };
  }

  /**
   * A new code; an earlier one works no more. Only for people who are signed in: a key may be narrowed or end, and a link does not.
   * @throws BrokerError `slack_link_off`, `slack_link_needs_session`, `slack_linked_already`
   */
  async makeCode(caller: Caller): Promise<SlackLinkCode> {
    if (!this.#canLink) throw new BrokerError('slack_link_off');
    if (caller.signIn.by !== 'session') throw new BrokerError('slack_link_needs_session');
    const { links, clock } = this.options;
    if ((await links.findOf(caller.id)) !== undefined) throw new BrokerError('slack_linked_already');
    const code = newCode();
    await links.insertCode(hashOfCode(code), caller.id, CODE_MS);
    const shown = code.match(/.{4}/g)?.join('-') ?? code;
    return { code: shown, command: `/doorwarden link ${shown}`, expiresAt: timeOf(clock.nowMs() + CODE_MS) };
  }

  /** The account is nobody's any more, and no code works. */
  async remove(caller: Caller): Promise<void> {
    await this.options.record.together(async (at) => {
      const links = at.of(SlackLinkRepository);
      const link = await links.findOf(caller.id);
      await links.deleteCodesOf(caller.id);
      if (link === undefined || !(await links.deleteOf(caller.id))) return { result: undefined, note: null };
      const subject = { kind: 'principal', name: caller.name } as const;
      const before = { account: accountText(link) };
      return { result: undefined, note: { act: 'slack.unlinked', by: caller, subject, before } };
    });
  }

  /**
   * The account that sends a code is from then on its maker's; the code is used up. `also` is done in the same transaction.
   * @returns the name of the principal
   * @throws BrokerError `slack_link_off`, `slack_link_code_invalid`, `slack_linked_already`, `slack_account_refused`
   */
  async link(
    account: SlackAccount,
    codeHash: string,
    also: (at: StateTransaction, principal: string) => Promise<void>,
  ): Promise<string> {
    const { settings, record } = this.options;
    if (!this.#canLink) throw new BrokerError('slack_link_off');
    if (account.team !== settings?.teamId) throw new BrokerError('slack_account_refused');
    return record.together(async (at) => {
      const links = at.of(SlackLinkRepository);
      const principalId = await links.takeCode(codeHash);
      const principal = principalId && (await at.of(PrincipalRepository).findById(principalId));
      if (principal === undefined || principal.disabledAtMs !== null) throw new BrokerError('slack_link_code_invalid');
      if (!(await links.insert(account, principal.id))) throw new BrokerError('slack_linked_already');
      await also(at, principal.name);
      const by = { name: principal.name, signIn: `slack:${accountText(account)}` };
      const subject = { kind: 'principal', name: principal.name } as const;
      const after = { account: accountText(account) };
      return { result: principal.name, note: { act: 'slack.linked', by, subject, after } };
    });
  }

  /** Not where e-mail addresses say who is who. */
  get #canLink(): boolean {
    return this.options.settings?.identity === 'link';
  }
}

/** What is kept of a code. */
export function hashOfCode(code: string): string {
  return createHash('sha256').update(`slack-link:${code}`).digest('hex');
}

/** 80 bits that nobody can guess. */
function newCode(): string {
  return Array.from(randomBytes(CODE_CHARACTERS), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
