/** What Slack's own markup means, as its parser takes it apart (https://docs.slack.dev/messaging/formatting-message-text). */
export type MrkdwnPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'date'; readonly timestamp: number; readonly format: string; readonly fallback: string }
  | { readonly kind: 'link'; readonly url: string; readonly label: string | null }
  | { readonly kind: 'mention'; readonly of: 'user' | 'channel' | 'usergroup' | 'everybody'; readonly id: string };

const BRACKETS = /<([^<>]*)>/g;
const DATE = /^!date\^(\d+)\^([^^|]+)(?:\^([^|]+))?\|(.+)$/;

/** Entities are still entities in the texts. */
export function partsOfMrkdwn(text: string): readonly MrkdwnPart[] {
  const parts: MrkdwnPart[] = [];
  let end = 0;
  for (const found of text.matchAll(BRACKETS)) {
    if (found.index > end) parts.push({ kind: 'text', text: text.slice(end, found.index) });
    parts.push(partOf(found[1] ?? ''));
    end = found.index + found[0].length;
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}

function partOf(inside: string): MrkdwnPart {
  const [, timestamp = '', format = '', , fallback = ''] = DATE.exec(inside) ?? [];
  if (timestamp !== '') return { kind: 'date', timestamp: Number(timestamp), format, fallback };
  const [address = '', label] = inside.split('|', 2);
  if (address.startsWith('@')) return { kind: 'mention', of: 'user', id: address.slice(1) };
  if (address.startsWith('#')) return { kind: 'mention', of: 'channel', id: address.slice(1) };
  if (address.startsWith('!subteam^')) return { kind: 'mention', of: 'usergroup', id: address.slice(9) };
  if (address.startsWith('!')) return { kind: 'mention', of: 'everybody', id: address.slice(1) };
  return { kind: 'link', url: address, label: label ?? null };
}

/** What an app may write into markup besides its own words. */
export interface MrkdwnRules {
  /** Ids of user groups that it may mention. */
  readonly usergroups: readonly string[];
  /** Beginnings of addresses that it may link to. */
  readonly links: readonly string[];
}

/** What is wrong with a text in Slack's markup, in words; empty when nothing is. */
export function wrongInMrkdwn(text: string, rules: MrkdwnRules): readonly string[] {
  const wrong: string[] = [];
  for (const part of partsOfMrkdwn(text)) {
    if (part.kind === 'text' && /[<>]|&(?!amp;|lt;|gt;)/.test(part.text)) wrong.push('& < > that are not escaped');
    if (part.kind === 'mention' && !(part.of === 'usergroup' && rules.usergroups.includes(part.id)))
      wrong.push(`a mention: ${part.of} ${part.id}`);
    if (part.kind === 'text')
      for (const { url } of bareLinks(part.text)) if (!isAllowed(url, rules)) wrong.push(`a link: ${url}`);
    if (part.kind === 'link' && !isAllowed(part.url, rules)) wrong.push(`a link: ${part.url}`);
  }
  return wrong;
}

function isAllowed(url: string, { links }: MrkdwnRules): boolean {
  return links.some((beginning) => url.startsWith(beginning));
}

/** Addresses that Slack makes links of by itself, with where they stand. */
export function bareLinks(text: string): readonly { readonly url: string; readonly at: number }[] {
  return [...text.matchAll(/https?:\/\/[^\s`*_~]*[^\s`*_~.,;:!?)]/g)].map(({ 0: url, index: at }) => ({ url, at }));
}

/** Entities back to characters. */
export function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
