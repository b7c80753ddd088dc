import { answerText } from '../../channels/slack/receive/answer-text.js';
import { type SlackCalls, SlackCallError } from '../../channels/slack/receive/slack-calls.js';
import type { SlackAsked } from '../../domain/slack-asked.js';
import { accountText } from '../../domain/slack-asked.js';
import { BrokerError } from '../../kernel/errors.js';
import type { ErrorCode } from '../../kernel/errors/error-table.js';
import type { SlackAnswer, SlackInteractionRow } from '../../persistence/entities/channels/slack-interaction.js';
import {
  type ClaimedInteraction,
  type SlackClaim,
  SlackInteractionRepository,
} from '../../persistence/slack/slack-interaction.repository.js';
import type { StateTransaction } from '../../persistence/state/state-transaction.js';
import type { ApprovalsService } from '../approvals/approvals.service.js';
import type { Caller } from '../http/access.js';
import type { AdminNote, AdminRecord } from '../record/admin-record.js';
import type { SlackForms } from './slack-forms.js';
import type { SlackLinks } from './slack-links.service.js';
import type { SlackCallers } from './slack-callers.js';

/** Nobody who clicked longer ago expects that it still has an effect. */
const AGE_MS_MAX = 5 * 60_000;
const WAIT_MS_MAX = 30_000;
/** Longer than both ways of answering may take. */
const ANSWER_MS = 30_000;
/** What passes by itself, perhaps within moments. */
const PASSING: readonly ErrorCode[] = [
  'state_unavailable',
  'queue_unavailable',
  'record_unavailable',
  'slack_unavailable',
];

/** Where failures are noted; pino's loggers and Nest's fit. */
export interface SlackLog {
  warn(fields: object, message: string): void;
}

/** What is counted. */
export interface SlackCounts {
  acted(outcome: 'done' | 'refused' | 'repeated'): void;
}

export interface SlackInteractionsOptions {
  readonly interactions: SlackInteractionRepository;
  readonly people: SlackCallers;
  readonly approvals: Pick<ApprovalsService, 'decideTogether' | 'offeredScope'>;
  readonly forms: SlackForms;
  readonly links: SlackLinks;
  readonly calls: SlackCalls;
  readonly record: AdminRecord;
  /** @throws BrokerError `too_many_requests` */
  readonly takeDecision: (caller: Caller) => Promise<void>;
  /** The address of the page on which people see themselves. */
  readonly ownPage: () => string;
  readonly counts: SlackCounts;
  readonly log: SlackLog;
}

/**
 * Acts on what people did in Slack, once: what it has done and that it is done are written in one transaction, which only the
 * last one who claimed it can commit. An answer may come twice where an api dies while it answers, an effect may not.
 */
export class SlackInteractions {
  constructor(private readonly options: SlackInteractionsOptions) {}

  /** Goes on with one that is claimed. `trigger` opens its form, while it is fresh. Never fails. */
  async work(claimed: ClaimedInteraction, trigger: string | null): Promise<void> {
    try {
      if (claimed.row.state === 'accepted') await this.#act(claimed, trigger);
      await this.#answer(claimed);
    } catch (error) {
      if (error instanceof ClaimLostError) return; // somebody else goes on with it
      this.options.log.warn(
        { err: error, interaction: claimed.id },
        'what somebody did in Slack waits to be tried again',
      );
      await this.#tryLater(claimed);
    }
  }

  /** Takes one that was left, unless somebody else does. */
  async resume(id: string): Promise<void> {
    const claimed = await this.options.interactions.claim(id);
    if (claimed !== undefined) await this.work(claimed, null);
  }

  async #act(claimed: ClaimedInteraction, trigger: string | null): Promise<void> {
    const { asked } = claimed.row;
    if (asked === null) return;
    try {
      if (claimed.ageMs > AGE_MS_MAX) throw new BrokerError('slack_too_late');
      await this.#effect(claimed, asked, trigger);
      this.options.counts.acted('done');
    } catch (error) {
      if (!(error instanceof BrokerError) || PASSING.includes(error.code)) throw error;
      await this.#refuse(claimed, asked, error.code);
      this.options.counts.acted('refused');
    }
  }

  async #effect(claimed: ClaimedInteraction, asked: SlackAsked, trigger: string | null): Promise<void> {
    const { people, links, forms } = this.options;
    const { team, user } = claimed.row;
    const account = { team, user };
    if (asked.kind === 'link') {
      await people.requireMember(account);
      await links.link(account, asked.codeHash, (at, principal) => settle(at, claimed, { code: 'linked', principal }));
      return;
    }
    if (asked.kind === 'form') {
      await forms.open({ account, asked, place: claimed.row.place, trigger });
      if (!(await this.options.interactions.settle(claimed, null))) throw new ClaimLostError();
      return;
    }
    const caller = await people.callerOf(account);
    await this.#decide(caller, claimed, asked);
  }

  async #decide(
    caller: Caller,
    claimed: SlackClaim,
    asked: Extract<SlackAsked, { kind: 'approve' | 'deny' }>,
  ): Promise<void> {
    const { approvals, takeDecision } = this.options;
    await takeDecision(caller);
    const { approval, revision, reason } = asked;
    const scope =
      asked.kind === 'deny'
        ? undefined
        : asked.scope === 'offered'
          ? await approvals.offeredScope(caller, approval)
          : asked.scope;
    const request = {
      decision: asked.kind,
      revision,
      ...(scope === undefined ? {} : { scope }),
      ...(reason === null ? {} : { reason }),
    };
    await approvals.decideTogether(caller, approval, request, (at) => settle(at, claimed, null));
  }

  /** Nothing has changed: the record has who wanted what and why not, and its maker is told. */
  async #refuse(claimed: ClaimedInteraction, asked: SlackAsked, code: ErrorCode): Promise<void> {
    await this.options.record.together(async (at) => {
      await settle(at, claimed, { code });
      return { result: undefined, note: refusalNote(claimed.row, asked, code) };
    });
  }

  async #answer({ id, attempt }: SlackClaim): Promise<void> {
    const { interactions, calls, ownPage, log } = this.options;
    const now = await interactions.find(id);
    if (now?.row.state !== 'settled' || now.attempt !== attempt) return;
    const { team, user, answer, place } = now.row;
    if (answer !== null && place !== null && now.ageMs <= AGE_MS_MAX) {
      await interactions.postpone({ id, attempt }, ANSWER_MS); // nobody else answers meanwhile
      try {
        await calls.tellAlone({ team, user }, place, answerText(answer, ownPage()));
      } catch (error) {
        if (!(error instanceof SlackCallError) || isWorthAnotherTry(error)) throw error;
        log.warn({ reason: error.reason, interaction: id }, 'Slack does not show somebody why nothing has changed');
      }
    }
    await interactions.done({ id, attempt });
  }

  async #tryLater({ id, attempt }: SlackClaim): Promise<void> {
    try {
      await this.options.interactions.postpone({ id, attempt }, Math.min(WAIT_MS_MAX, 500 * 2 ** attempt));
    } catch {
      // The state database is away: the claim runs out by itself.
    }
  }
}

/** Somebody else has begun with the same one. */
class ClaimLostError extends Error {}

/** @throws ClaimLostError, so that nothing of the transaction stands */
async function settle(at: StateTransaction, claim: SlackClaim, answer: SlackAnswer | null): Promise<void> {
  const isOwn = await at.of(SlackInteractionRepository).settle(claim, answer);
  if (!isOwn) throw new ClaimLostError();
}

function isWorthAnotherTry({ reason }: SlackCallError): boolean {
  return reason === 'unreachable' || reason === 'rate_limited' || reason.startsWith('http_5');
}

function refusalNote({ team, user }: SlackInteractionRow, asked: SlackAsked, code: ErrorCode): AdminNote {
  const account = accountText({ team, user });
  const subject =
    asked.kind === 'link'
      ? ({ kind: 'slack-account', name: account } as const)
      : ({ kind: 'approval', name: asked.approval } as const);
  const after = asked.kind === 'link' ? { asked: asked.kind } : { asked: asked.kind, revision: asked.revision };
  return {
    act: 'slack.refused',
    by: { name: null, signIn: `slack:${account}` },
    subject,
    after,
    outcome: 'refused',
    code,
  };
}
