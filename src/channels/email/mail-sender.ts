import type { Decided } from '../../persistence/approvals/approval.repository.js';
import type { Clock } from '../../kernel/clock.js';
import { sponsorText } from '../../domain/identity/person.js';
import { type DigestQuestion, type DigestText, digestText, testText } from './digest-text.js';
import { domainOf } from './email-address.js';
import type { EmailSettings } from './email-settings.js';
import { mailMessage } from './mail-message.js';
import type { SmtpClient } from './smtp-client.js';

/** A digest for one person. */
export interface PersonDigest {
  readonly address: string;
  readonly personId: string;
  /** Counts the person's digests: one that is sent again has the number that it had. */
  readonly number: number;
  readonly questions: readonly Decided[];
}

/** Writes mails and hands them to the server. */
export class MailSender {
  constructor(
    private readonly settings: Pick<EmailSettings, 'from' | 'publicUrl'>,
    private readonly smtp: Pick<SmtpClient, 'send'>,
    private readonly clock: Clock,
  ) {}

  /** Resolves once the server has taken it. @throws SmtpFailure */
  async sendDigest({ address, personId, number, questions }: PersonDigest, signal: AbortSignal): Promise<void> {
    const text = digestText(
      questions.map((row) => questionOf(row)),
      this.settings.publicUrl,
    );
    await this.#send({ address, text, id: `digest.${personId}.${number}` }, signal);
  }

  /** The same for a test. @throws SmtpFailure */
  async sendTest(
    { address, id }: { readonly address: string; readonly id: string },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#send({ address, text: testText(this.settings.publicUrl), id: `test.${id}` }, signal);
  }

  async #send({ address: to, text, id }: OneMail, signal: AbortSignal): Promise<void> {
    const { from, publicUrl } = this.settings;
    const message = await mailMessage({
      from,
      to,
      text,
      messageId: `<${id}@${domainOf(from.address)}>`,
      sentAtMs: this.clock.nowMs(),
      unsubscribe: `${publicUrl}/me`,
    });
    await this.smtp.send({ from: from.address, to, message }, signal);
  }
}

function questionOf(row: Decided): DigestQuestion {
  const { id, kind, principalName, sponsor, targetName: target, taskTitle: task, expiresAtMs } = row;
  const asker = sponsor === null ? principalName : `${principalName}, for ${sponsorText(sponsor)}`;
  return { id, kind, asker, target, task, expiresAtMs };
}

interface OneMail {
  readonly address: string;
  readonly text: DigestText;
  /** What its Message-ID has in front of the `@`. */
  readonly id: string;
}
