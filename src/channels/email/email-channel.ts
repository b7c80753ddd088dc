import { ApprovalRepository } from '../../persistence/approvals/approval.repository.js';
import { EmailDigestRepository } from '../../persistence/email/email-digest.repository.js';
import { EmailRecipientRepository } from '../../persistence/email/email-recipient.repository.js';
import type { Clock } from '../../kernel/clock.js';
import { type Channel, ChannelFailure, type ChannelMetrics, type ChannelTest, type OpenChannel } from '../channel.js';
import { isEmailAddress } from './email-address.js';
import { EMAIL, DigestSender } from './digest-sender.js';
import { emailSettingsOf } from './email-settings.js';
import type { MailSender } from './mail-sender.js';
import { SmtpFailure } from './smtp-failure.js';

/** Digests gather, so nobody has to look for what is due every second. */
const LOOK_MS = 5_000;
const FORGET_MS = 60_000;
/** How long nothing is tried at a server that took nothing, by how often that was so. */
const AWAY_MS = [10_000, 30_000, 60_000, 300_000] as const;

/** Digests by e-mail, of what waits for a person. */
export const emailChannel: Channel = {
  name: EMAIL,
  async open({ config, state, clock, log, metrics }) {
    const settings = emailSettingsOf(config);
    if (settings === undefined) return undefined;
    const [{ MailSender }, { SmtpClient }] = await Promise.all([
      import('./mail-sender.js'),
      import('./smtp-client.js'),
    ]);
    const mailer = new MailSender(settings, new SmtpClient(settings.server), clock);
    const digests = new EmailDigestRepository(state);
    return new OpenEmailChannel({
      mailer,
      digests,
      clock,
      metrics,
      letters: new DigestSender({
        settings,
        mailer,
        approvals: new ApprovalRepository(state),
        recipients: new EmailRecipientRepository(state),
        digests,
        log,
        metrics,
      }),
    });
  },
};

interface OpenEmailChannelOptions {
  readonly letters: Pick<DigestSender, 'look'>;
  readonly mailer: Pick<MailSender, 'sendTest'>;
  readonly digests: Pick<EmailDigestRepository, 'forgetSettled'>;
  readonly clock: Clock;
  readonly metrics: ChannelMetrics;
}

/** The channel at work. */
export class OpenEmailChannel implements OpenChannel {
  readonly #options: OpenEmailChannelOptions;
  #nextLookMs = 0;
  #nextForgetMs = 0;
  /** Looks, one after the other, at which the server took nothing. */
  #away = 0;

  constructor(options: OpenEmailChannelOptions) {
    this.#options = options;
  }

  async look(signal: AbortSignal): Promise<void> {
    const { clock, letters, digests } = this.#options;
    const nowMs = clock.nowMs();
    if (nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + LOOK_MS;
    const outcome = await letters.look(signal);
    this.#away = outcome === 'server-away' ? this.#away + 1 : 0;
    if (this.#away > 0)
      this.#nextLookMs = clock.nowMs() + (AWAY_MS[Math.min(this.#away, AWAY_MS.length) - 1] ?? LOOK_MS);
    if (nowMs < this.#nextForgetMs) return;
    this.#nextForgetMs = nowMs + FORGET_MS;
    await digests.forgetSettled();
  }

  async test({ id, address }: ChannelTest, signal: AbortSignal): Promise<void> {
    if (address === null) throw new ChannelFailure(NO_ADDRESS);
    if (!isEmailAddress(address)) throw new ChannelFailure(ODD_ADDRESS);
    const { mailer, metrics } = this.#options;
    try {
      await mailer.sendTest({ id, address }, signal);
    } catch (error) {
      if (error instanceof SmtpFailure) metrics.sent(EMAIL, 'given-up', error.message);
      throw error;
    }
    metrics.sent(EMAIL, 'sent');
  }
}

const NO_ADDRESS = 'You have no e-mail address that an identity provider has verified.';
const ODD_ADDRESS = 'Your e-mail address cannot be written to as it stands.';
