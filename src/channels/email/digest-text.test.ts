import { describe, expect, it } from 'vitest';
import { HOSTILE_BLOCKS, HOSTILE_LINES } from '../../../test/support/hostile-texts.js';
import { readMail } from '../../../test/support/mail/read-mail.js';
import { type DigestQuestion, digestText, NAMED_MAX, testText, unlinked } from './digest-text.js';
import { mailMessage } from './mail-message.js';

const ORIGIN = 'https://doorwarden.example.com';

function question(changed: Partial<DigestQuestion> = {}): DigestQuestion {
  return {
    id: '01kb0000000000000000000001',
    kind: 'statement',
    asker: 'ci-bot',
    target: 'orders-db',
    task: 'Mend the orders',
    expiresAtMs: Date.UTC(2026, 10, 29, 23, 40, 59),
    ...changed,
  };
}

describe('a digest', () => {
  it('says who asks for what where and until when, with a link', () => {
    const { subject, text } = digestText([question(), question({ kind: 'grant', asker: 'other' })], ORIGIN);
    expect(subject).toBe('Doorwarden: 2 questions wait for you');
    expect(text).toContain('1. ci-bot wants to run a statement on orders-db\n');
    expect(text).toContain('2. other wants a grant on orders-db\n');
    expect(text).toContain('Until 2026-11-29 23:40 UTC\n');
    expect(text).toContain(`${ORIGIN}/approvals/01kb0000000000000000000001\n`);
    expect(text).toContain(`${ORIGIN}/me`);
  });

  it('of one question says so', () => {
    expect(digestText([question()], ORIGIN).subject).toBe('Doorwarden: 1 question waits for you');
  });

  it('names some, and says how many more there are', () => {
    const { subject, text, html } = digestText(
      Array.from({ length: NAMED_MAX + 7 }, () => question()),
      ORIGIN,
    );
    expect(subject).toContain('27 questions');
    for (const body of [text, html]) expect(body).toContain('And 7 more.');
    expect(text.match(/wants to run/g)).toHaveLength(NAMED_MAX);
  });

  it('of a test has nothing of a question', () => {
    expect(testText(ORIGIN).text).toContain(`${ORIGIN}/settings/channels`);
  });
});

describe('texts of others in a digest', () => {
  it.each([...HOSTILE_LINES, ...HOSTILE_BLOCKS])('move and hide nothing: $name', async ({ text }) => {
    const own = digestText([question({ task: 'x' })], ORIGIN);
    const digest = digestText([question({ task: text, asker: text, target: text })], ORIGIN);
    expect(digest.subject).toBe(own.subject);
    expect(digest.text.split('\n')).toHaveLength(own.text.split('\n').length);
    expect(digest.text).not.toMatch(/(?![ \n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(tagsOf(digest.html)).toEqual(tagsOf(own.html));
    const mail = readMail(
      (
        await mailMessage({
          from: { address: 'doorwarden@example.com', name: 'Doorwarden' },
          to: 'ann@example.com',
          text: digest,
          messageId: '<digest.1.1@example.com>',
          sentAtMs: 0,
          unsubscribe: `${ORIGIN}/me`,
        })
      ).toString('latin1'),
    );
    expect(mail.text.replaceAll('\r\n', '\n')).toBe(digest.text);
    expect([...mail.headers.keys()].toSorted()).toEqual(HEADERS);
  });

  it('are no links, so that a mail of the broker leads to the broker alone', () => {
    const task = 'see https://evil.example/approve?x=1, www.evil.example or mail ann@evil.example; v1.2.3';
    const { text, html } = digestText([question({ task })], ORIGIN);
    expect(text).not.toMatch(/evil\.example/);
    expect(text.match(/https?:\/\/[^/\s]+/g)).toEqual(text.match(/https?:\/\/[^/\s]+/g)?.map(() => ORIGIN));
    expect(html.match(/href="[^"]*"/g)?.every((link) => link.startsWith(`href="${ORIGIN}/`))).toBe(true);
    expect(unlinked('shop.orders is fine. Next', 100)).toBe('shop[.]orders is fine. Next');
  });

  it('are cut where they are long, and never within a character', () => {
    expect(unlinked('\u{1f600}'.repeat(10), 3)).toBe('\u{1f600}…');
  });
});

const HEADERS = [
  'auto-submitted',
  'content-type',
  'date',
  'from',
  'list-unsubscribe',
  'message-id',
  'mime-version',
  'subject',
  'to',
];

function tagsOf(html: string): readonly string[] {
  return [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag);
}
