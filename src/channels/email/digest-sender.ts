import type { PrincipalId } from '../../kernel/brand.js';
import type { ApprovalRepository, Decided } from '../../persistence/approvals/approval.repository.js';
import type { ClaimedDigest, EmailDigestRepository } from '../../persistence/email/email-digest.repository.js';
import type { EmailRecipient, EmailRecipientRepository } from '../../persistence/email/email-recipient.repository.js';
import type { EmailDigestRow } from '../../persistence/entities/channels/email.js';
import type { ChannelLog, ChannelMetrics } from '../channel.js';
import { digestStep, waitingFor } from './digest-plan.js';
import { isEmailAddress } from './email-address.js';
import type { EmailSettings } from './email-settings.js';
import type { MailSender } from './mail-sender.js';
import { SmtpFailure } from './smtp-failure.js';

export interface DigestSenderOptions {
  readonly settings: Pick<EmailSettings, 'gatherMs' | 'everyMs' | 'signedInMs'>;
  readonly mailer: Pick<MailSender, 'sendDigest'>;
  readonly approvals: Pick<ApprovalRepository, 'list' | 'nowMs'>;
  readonly recipients: EmailRecipientRepository;
  readonly digests: EmailDigestRepository;
  readonly log: ChannelLog;
  readonly metrics: ChannelMetrics;
}

export const EMAIL = 'email';

/** Questions that are looked at, the newest: a digest names none besides. */
const PENDING_MAX = 200;
/** Digests that are sent in one look. */
const SENT_MAX = 200;
/** How long a digest waits after it was not sent, by its tries. */
const RETRY_MS = [10_000, 30_000, 60_000, 120_000, 300_000, 600_000] as const;
/** People whose address is known to be none; of more it is said again. */
const NOTED_MAX = 1_000;

/** How a look went: a server that takes nothing is not asked for the next digest at once. */
export type LookOutcome = 'done' | 'server-away';

interface Look {
  readonly pending: readonly Decided[];
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** Whom nothing has to be closed for: their digests were looked at. */
  readonly seen: Set<PrincipalId>;
  sent: number;
}

/** Writes to people of what waits for them: whose digest is due, and to nobody twice. */
export class DigestSender {
  readonly #options: DigestSenderOptions;
  readonly #noted = new Set<PrincipalId>();

  constructor(options: DigestSenderOptions) {
    this.#options = options;
  }

  async look(signal: AbortSignal): Promise<LookOutcome> {
    const { approvals, digests, metrics } = this.#options;
    const pending = await approvals.list({ state: 'pending', limit: PENDING_MAX });
    const due = await digests.due();
    let outcome: LookOutcome = 'done';
    if (pending.length > 0) {
      const look: Look = { pending, nowMs: await approvals.nowMs(), signal, seen: new Set(), sent: 0 };
      outcome = await this.#lookAtPeople(look);
      if (outcome === 'done' && look.sent < SENT_MAX && !signal.aborted) {
        await this.#closeAll(due.filter(({ personId }) => !look.seen.has(personId)));
      }
    } else {
      await this.#closeAll(due);
    }
    metrics.waiting(EMAIL, await digests.countOpen());
    return outcome;
  }

  async #lookAtPeople(look: Look): Promise<LookOutcome> {
    const { recipients, settings } = this.#options;
    let after: PrincipalId | undefined;
    do {
      const page = await recipients.list(settings.signedInMs, after);
      const outcome = await this.#lookAtPage(page.recipients, look);
      if (outcome !== 'done') return outcome;
      after = page.next;
    } while (after !== undefined && look.sent < SENT_MAX && !look.signal.aborted);
    return 'done';
  }

  async #lookAtPage(recipients: readonly EmailRecipient[], look: Look): Promise<LookOutcome> {
    const { digests, settings } = this.#options;
    const { pending, nowMs, signal, seen } = look;
    const persons = recipients.map(({ personId }) => personId);
    const lasts = await digests.lastOf(persons);
    const told = await digests.toldOf(
      persons,
      pending.map(({ id }) => id),
    );
    for (const recipient of recipients) {
      if (signal.aborted || look.sent >= SENT_MAX) return 'done';
      const { personId } = recipient;
      seen.add(personId);
      if (!this.#isWritable(recipient)) continue;
      const waiting = waitingFor(recipient, pending, nowMs);
      const last = lasts.get(personId);
      const known = { waiting, last, told: told.get(personId) ?? new Set(), nowMs, ...settings };
      const step = digestStep(known);
      if (step === 'close' && last !== undefined) await this.#closeAll([last]);
      if (step !== 'send') continue;
      look.sent += 1;
      if ((await this.#send({ recipient, waiting, last }, signal)) === 'server-away') return 'server-away';
    }
    return 'done';
  }

  async #send({ recipient, waiting, last }: DueDigest, signal: AbortSignal): Promise<LookOutcome> {
    const { digests, mailer, metrics, settings } = this.#options;
    const { personId, address } = recipient;
    const approvals = waiting.map(({ id }) => id);
    const claimed = await digests.claim({ personId, last: last ?? null, approvals, everyMs: settings.everyMs });
    if (claimed === undefined) return 'done';
    try {
      await mailer.sendDigest({ address, personId, number: claimed.number, questions: waiting }, signal);
    } catch (error) {
      if (!(error instanceof SmtpFailure)) throw error;
      return this.#notSent(claimed, error);
    }
    await digests.close(claimed);
    metrics.sent(EMAIL, 'sent');
    return 'done';
  }

  async #notSent(claimed: ClaimedDigest, failure: SmtpFailure): Promise<LookOutcome> {
    const { digests, metrics, log } = this.#options;
    const { personId: person, number, tries } = claimed;
    if (failure.fault === 'stopped') {
      await digests.tryLater(claimed, 0);
      return 'done';
    }
    const isOver = failure.fault === 'refused';
    if (isOver) await digests.close(claimed);
    else await digests.tryLater(claimed, RETRY_MS[Math.min(tries, RETRY_MS.length) - 1] ?? RETRY_MS[0]);
    metrics.sent(EMAIL, isOver ? 'given-up' : 'repeated', failure.message);
    const fields = { channel: EMAIL, person, number, tries, why: failure.message };
    log.warn(fields, isOver ? 'a digest is given up' : 'a digest was not sent; it is tried again');
    return failure.isOfMessage ? 'done' : 'server-away';
  }

  async #closeAll(rows: readonly EmailDigestRow[]): Promise<void> {
    const { digests, metrics } = this.#options;
    for (const row of rows) {
      await digests.close(row);
      metrics.sent(EMAIL, 'given-up');
    }
  }

  #isWritable({ personId, address }: EmailRecipient): boolean {
    if (isEmailAddress(address)) return true;
    if (!this.#noted.has(personId) && this.#noted.size < NOTED_MAX) {
      this.#noted.add(personId);
      this.#options.log.warn({ channel: EMAIL, person: personId }, 'an address cannot be written to as it stands');
    }
    return false;
  }
}

interface DueDigest {
  readonly recipient: EmailRecipient;
  readonly waiting: readonly Decided[];
  readonly last: EmailDigestRow | undefined;
}
