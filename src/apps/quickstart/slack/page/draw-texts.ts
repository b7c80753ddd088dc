import { bareLinks, type MrkdwnPart, partsOfMrkdwn, unescaped } from '../block-kit/mrkdwn.js';
import type { InlinePart, RichTextBlock, RichTextPart } from '../block-kit/rich-text.js';
import type { BlockText } from '../block-kit/texts.js';
import { html, HtmlText, type HtmlPart } from './markup.js';

/** The emoji that apps of this kind write; others are shown by their names. */
const EMOJI: Readonly<Record<string, string>> = {
  warning: '⚠️',
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  lock: '🔒',
  eyes: '👀',
  rotating_light: '🚨',
  question: '❓',
  bell: '🔔',
  link: '🔗',
};

/** What ids stand for. */
export type NameLookup = (kind: 'user' | 'channel' | 'usergroup', id: string) => string;

export function drawText(text: BlockText, nameOf: NameLookup): HtmlText {
  if (text.type === 'mrkdwn') return drawMrkdwn(text.text, nameOf);
  return lines(text.emoji === false ? text.text : withEmoji(text.text));
}

/** Slack's markup as its clients draw it. */
export function drawMrkdwn(text: string, nameOf: NameLookup): HtmlText {
  return html`${partsOfMrkdwn(text).map((part) => drawPart(part, nameOf))}`;
}

function drawPart(part: MrkdwnPart, nameOf: NameLookup): HtmlText {
  if (part.kind === 'date') return drawDate(part.timestamp, part.format, unescaped(part.fallback));
  if (part.kind === 'link') return drawLink(unescaped(part.url), unescaped(part.label ?? part.url));
  if (part.kind === 'mention') {
    const name = part.of === 'everybody' ? `@${part.id}` : nameOf(part.of, part.id);
    return html`<span class="mention">${name}</span>`;
  }
  return drawStyled(part.text);
}

/** Fences first: nothing is read inside of them. */
function drawStyled(text: string): HtmlText {
  const pieces = text.split(/(```[\s\S]*?```|`[^`\n]+`)/);
  return html`${pieces.map((piece) => {
    if (piece.startsWith('```') && piece.length >= 6) return html`<pre>${unescaped(piece.slice(3, -3))}</pre>`;
    if (piece.startsWith('`') && piece.length > 2) return html`<code>${unescaped(piece.slice(1, -1))}</code>`;
    return drawSpans(piece);
  })}`;
}

const STYLES = [
  { pattern: /(?<![\w*])\*([^*\n]+)\*(?![\w*])/, draw: (inner: HtmlText) => html`<strong>${inner}</strong>` },
  { pattern: /(?<![\w_])_([^_\n]+)_(?![\w_])/, draw: (inner: HtmlText) => html`<em>${inner}</em>` },
  { pattern: /(?<![\w~])~([^~\n]+)~(?![\w~])/, draw: (inner: HtmlText) => html`<s>${inner}</s>` },
] as const;

function drawSpans(text: string): HtmlText {
  for (const { pattern, draw } of STYLES) {
    const found = pattern.exec(text);
    if (found?.[1] === undefined) continue;
    const before = text.slice(0, found.index);
    const after = text.slice(found.index + found[0].length);
    return html`${drawSpans(before)}${draw(drawSpans(found[1]))}${drawSpans(after)}`;
  }
  return drawBareLinks(text);
}

function drawBareLinks(text: string): HtmlText {
  const parts: HtmlPart[] = [];
  let end = 0;
  for (const { url, at } of bareLinks(text)) {
    parts.push(lines(withEmoji(unescaped(text.slice(end, at)))), drawLink(unescaped(url), unescaped(url)));
    end = at + url.length;
  }
  return html`${parts}${lines(withEmoji(unescaped(text.slice(end))))}`;
}

export function drawRichText({ elements }: RichTextBlock, nameOf: NameLookup): HtmlText {
  return html`<div class="rich">${elements.map((part) => drawRichPart(part, nameOf))}</div>`;
}

function drawRichPart(part: RichTextPart, nameOf: NameLookup): HtmlText {
  switch (part.type) {
    case 'rich_text_section':
      return html`<p>${part.elements.map((inline) => drawInline(inline, nameOf))}</p>`;
    case 'rich_text_preformatted':
      return html`<pre tabindex="0">
${part.elements.map((one) => (one.type === 'link' ? (one.text ?? one.url) : one.text))}</pre>`;
    case 'rich_text_quote':
      return html`<blockquote>${part.elements.map((inline) => drawInline(inline, nameOf))}</blockquote>`;
    default: {
      const items = part.elements.map(
        (item) => html`<li>${item.elements.map((inline) => drawInline(inline, nameOf))}</li>`,
      );
      return part.style === 'ordered'
        ? html`<ol>
            ${items}
          </ol>`
        : html`<ul>
            ${items}
          </ul>`;
    }
  }
}

function drawInline(part: InlinePart, nameOf: NameLookup): HtmlText {
  switch (part.type) {
    case 'text':
      return styled(lines(part.text), part.style);
    case 'link':
      return styled(drawLink(part.url, part.text ?? part.url), part.style);
    case 'emoji':
      return html`${EMOJI[part.name] ?? `:${part.name}:`}`;
    case 'date':
      return drawDate(part.timestamp, part.format, part.fallback ?? new Date(part.timestamp * 1000).toISOString());
    case 'broadcast':
      return html`<span class="mention">@${part.range}</span>`;
    case 'user':
      return html`<span class="mention">${nameOf('user', part.user_id)}</span>`;
    case 'channel':
      return html`<span class="mention">${nameOf('channel', part.channel_id)}</span>`;
    default:
      return html`<span class="mention">${nameOf('usergroup', part.usergroup_id)}</span>`;
  }
}

function styled(inner: HtmlText, style: Extract<InlinePart, { type: 'text' }>['style']): HtmlText {
  let drawn = inner;
  if (style?.code === true) drawn = html`<code>${drawn}</code>`;
  if (style?.bold === true) drawn = html`<strong>${drawn}</strong>`;
  if (style?.italic === true) drawn = html`<em>${drawn}</em>`;
  if (style?.strike === true) drawn = html`<s>${drawn}</s>`;
  if (style?.underline === true) drawn = html`<u>${drawn}</u>`;
  return drawn;
}

/** The browser writes it in the reader's own time. */
function drawDate(timestamp: number, format: string, fallback: string): HtmlText {
  const at = new Date(timestamp * 1000).toISOString();
  return html`<time datetime="${at}" data-format="${format}">${fallback}</time>`;
}

export function drawLink(url: string, label: string): HtmlText {
  if (!/^https?:\/\//.test(url)) return html`${label}`;
  return html`<a href="${url}" target="_blank" rel="noreferrer">${label}</a>`;
}

function lines(text: string): HtmlText {
  return html`${text.split('\n').flatMap((line, index): HtmlPart[] => (index === 0 ? [line] : [html`<br />`, line]))}`;
}

function withEmoji(text: string): string {
  return text.replaceAll(/:([a-z_]+):/g, (written, name: string) => EMOJI[name] ?? written);
}
