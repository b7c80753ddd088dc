import type { MessageBlock } from './blocks.js';
import type { ButtonPart } from './elements.js';
import { partsOfMrkdwn, unescaped } from './mrkdwn.js';
import type { InlinePart, RichTextBlock } from './rich-text.js';
import type { BlockText } from './texts.js';

/** All words of blocks as a person reads them, one line for each text: without markup, and buttons by their names. */
export function wordsOfBlocks(blocks: readonly MessageBlock[]): string {
  return blocks.flatMap(linesOf).join('\n');
}

/** The buttons of blocks, in their order. */
export function buttonsOf(blocks: readonly MessageBlock[]): readonly ButtonPart[] {
  return blocks.flatMap((one) => {
    const elements = one.type === 'actions' ? one.elements : one.type === 'section' ? [one.accessory] : [];
    return elements.filter((element) => element?.type === 'button');
  });
}

function linesOf(one: MessageBlock): readonly string[] {
  switch (one.type) {
    case 'header':
      return [one.text.text];
    case 'section':
      return [...(one.text === undefined ? [] : [one.text]), ...(one.fields ?? [])].map(wordsOfText);
    case 'context':
      return one.elements.map((element) => (element.type === 'image' ? element.alt_text : wordsOfText(element)));
    case 'actions':
      return one.elements.map((element) => (element.type === 'button' ? `[${element.text.text}]` : element.type));
    case 'input':
      return [one.label.text, ...(one.hint === undefined ? [] : [one.hint.text])];
    case 'rich_text':
      return wordsOfRichText(one);
    case 'markdown':
      return [one.text];
    case 'image':
      return [one.alt_text];
    case 'table':
      return one.rows.map((cells) =>
        cells.map((cell) => ('text' in cell ? cell.text : wordsOfRichText(cell).join(' '))).join('\t'),
      );
    default:
      return []; // a divider has no words
  }
}

/** The words of a text, its markup read. */
export function wordsOfText({ type, text }: BlockText): string {
  return type === 'plain_text' ? text : wordsOfMrkdwn(text);
}

/** The words of a text in Slack's markup. */
export function wordsOfMrkdwn(text: string): string {
  return partsOfMrkdwn(text)
    .map((part) => {
      if (part.kind === 'text') return unescaped(part.text);
      if (part.kind === 'date') return unescaped(part.fallback);
      return part.kind === 'link' ? unescaped(part.label ?? part.url) : `@${part.id}`;
    })
    .join('');
}

function wordsOfRichText({ elements }: RichTextBlock): readonly string[] {
  return elements.flatMap((part) =>
    part.type === 'rich_text_list'
      ? part.elements.map((item) => item.elements.map(wordsOfInline).join(''))
      : [part.elements.map(wordsOfInline).join('')],
  );
}

function wordsOfInline(part: InlinePart): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'link':
      return part.text ?? part.url;
    case 'user':
      return `@${part.user_id}`;
    case 'usergroup':
      return `@${part.usergroup_id}`;
    case 'channel':
      return `#${part.channel_id}`;
    case 'broadcast':
      return `@${part.range}`;
    case 'emoji':
      return `:${part.name}:`;
    default:
      return part.fallback ?? new Date(part.timestamp * 1000).toISOString();
  }
}
