import MailComposer from 'nodemailer/lib/mail-composer';
import type { DigestText } from './digest-text.js';
import type { Mailbox } from './email-address.js';

export interface MailParts {
  readonly from: Mailbox;
  readonly to: string;
  readonly text: DigestText;
  /** With its brackets; the same for a mail that is sent again. */
  readonly messageId: string;
  readonly sentAtMs: number;
  /** Where its reader switches such mails off. */
  readonly unsubscribe: string;
}

/** The bytes of a mail (RFC 5322): plain text, and the same as HTML. */
export async function mailMessage(parts: MailParts): Promise<Buffer> {
  const { from, to, text, messageId, sentAtMs, unsubscribe } = parts;
  const composer = new MailComposer({
    from,
    to,
    subject: text.subject,
    text: text.text,
    html: text.html,
    messageId,
    date: new Date(sentAtMs),
    headers: {
      'Auto-Submitted': 'auto-generated', // RFC 3834: nobody's absence is told to it
      'List-Unsubscribe': `<${unsubscribe}>`, // RFC 2369
    },
    textEncoding: 'quoted-printable',
    newline: '\r\n',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}
