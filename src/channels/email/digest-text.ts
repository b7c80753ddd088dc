import type { ApprovalKind } from '../../domain/approval.js';
import { shownLine } from '../../domain/visible-text.js';

/** What a digest says of a question: who, where, what kind, until when. Never the statement. */
export interface DigestQuestion {
  readonly id: string;
  readonly kind: ApprovalKind;
  /** The principal who asks, and who answers for it. */
  readonly asker: string;
  readonly target: string;
  /** As the agent calls its task. */
  readonly task: string;
  readonly expiresAtMs: number;
}

export interface DigestText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Questions that a digest names; of more it says how many they are. */
export const NAMED_MAX = 20;
const NAME_MAX = 128;
/** With the name of its sponsor. */
const ASKER_MAX = 400;
const TASK_MAX = 200;

/** What somebody wants; the target's name follows. */
const WISHES: Readonly<Record<ApprovalKind, string>> = {
  statement: 'wants to run a statement on',
  grant: 'wants a grant on',
};

/**
 * A digest of what waits for somebody. The subject has no text of others; what an agent wrote is in the body, in one line,
 * with hidden characters written out, and so that no mail program makes a link of it.
 */
export function digestText(questions: readonly DigestQuestion[], publicUrl: string): DigestText {
  const named = questions.slice(0, NAMED_MAX).map((question) => lineOf(question, publicUrl));
  const count = questions.length;
  const subject = count === 1 ? '1 question waits for you' : `${count} questions wait for you`;
  const more = count > NAMED_MAX ? `And ${count - NAMED_MAX} more.` : null;
  const places = { inbox: `${publicUrl}/inbox`, me: `${publicUrl}/me` };
  return {
    subject: `Doorwarden: ${subject}`,
    text: plainText({ subject, named, more, ...places }),
    html: htmlText({ subject, named, more, ...places }),
  };
}

/** A mail that somebody asked for to see that mail arrives. */
export function testText(publicUrl: string): DigestText {
  const subject = 'Doorwarden: a test';
  const sentence =
    'Somebody asked for this message on the page of the channels, to see whether e-mail arrives. It did.';
  const place = `${publicUrl}/settings/channels`;
  return {
    subject,
    text: `${sentence}\n\n${place}\n`,
    html: documentOf([`<p>${escaped(sentence)}</p>`, `<p>${linkTo(place, place)}</p>`]),
  };
}

interface DigestLine {
  readonly what: string;
  readonly task: string;
  readonly until: string;
  readonly link: string;
}

interface DigestParts {
  readonly subject: string;
  readonly named: readonly DigestLine[];
  readonly more: string | null;
  readonly inbox: string;
  readonly me: string;
}

function lineOf({ id, kind, asker, target, task, expiresAtMs }: DigestQuestion, publicUrl: string): DigestLine {
  return {
    what: `${unlinked(asker, ASKER_MAX)} ${WISHES[kind]} ${unlinked(target, NAME_MAX)}`,
    task: unlinked(task, TASK_MAX),
    until: `${new Date(expiresAtMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    link: `${publicUrl}/approvals/${encodeURIComponent(id)}`,
  };
}

const FROM_AGENT = 'Task, in the words of the agent';
const LEFT_OUT = 'What is asked in detail is on the page, and in no e-mail.';
const WHY = 'You get this because you may decide these questions. Switch digests off under';

function plainText({ subject, named, more, inbox, me }: DigestParts): string {
  const lines = named.map(({ what, task, until, link }, index) =>
    [`${index + 1}. ${what}`, `   ${FROM_AGENT}: ${task}`, `   Until ${until}`, `   ${link}`].join('\n'),
  );
  const parts = [`${subject}.`, ...lines, ...(more === null ? [] : [more]), `All of them: ${inbox}`, LEFT_OUT];
  return `${[...parts, `-- \n${WHY} ${me}`].join('\n\n')}\n`;
}

function htmlText({ subject, named, more, inbox, me }: DigestParts): string {
  const items = named.map(
    ({ what, task, until, link }) =>
      `<li><p>${escaped(what)}<br>${FROM_AGENT}: <q>${escaped(task)}</q><br>Until ${until}<br>${linkTo(link, 'Look at it')}</p></li>`,
  );
  return documentOf([
    `<p>${escaped(subject)}.</p>`,
    `<ol>${items.join('')}</ol>`,
    ...(more === null ? [] : [`<p>${escaped(more)}</p>`]),
    `<p>${linkTo(inbox, 'All of them')}</p>`,
    `<p>${LEFT_OUT}</p>`,
    `<p><small>${WHY} ${linkTo(me, me)}</small></p>`,
  ]);
}

function documentOf(parts: readonly string[]): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"></head><body>${parts.join('')}</body></html>\n`;
}

function linkTo(url: string, words: string): string {
  return `<a href="${escaped(url)}">${escaped(words)}</a>`;
}

/**
 * A text of others in one line: hidden characters written out, and addresses broken, since mail programs make links of
 * whatever looks like one.
 */
export function unlinked(text: string, charactersMax: number): string {
  const line = shownLine(text);
  const cut = line.length > charactersMax ? `${line.slice(0, charactersMax).replace(/[\uD800-\uDBFF]$/, '')}…` : line;
  return cut.replaceAll('://', '[:]//').replaceAll(/(?<=[\p{L}\p{N}_-])[.．。｡](?=[\p{L}\p{N}])/gu, '[.]');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
