import type { KnownBlock } from '@slack/types';

/** Blocks that a message may have. https://docs.slack.dev/reference/block-kit/blocks */
export const BLOCKS_MAX = 50;
/** Slack refuses messages from about 13,200 characters on, and says so nowhere. */
export const MESSAGE_CHARACTERS_MAX = 12_000;

/** Where something was left out. */
const CUT_MARK = '… (cut: the page has all of it)';

/** The text, or its beginning and a mark; no character is cut in two. */
export function cutText(text: string, max: number): string {
  if (sizeOf(text) <= max) return text;
  const mark = CUT_MARK.length < max / 2 ? CUT_MARK : '…';
  return beginningOf(text, max - mark.length) + mark;
}

/** As much of the beginning as has at most this size, and no half of a character. */
export function beginningOf(text: string, max: number): string {
  let size = 0;
  let end = 0;
  for (const character of text) {
    size += sizeOf(character);
    if (size > max) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** Characters as Slack may count them: `&`, `<` and `>` are five or four. */
export function sizeOf(text: string): number {
  let size = text.length;
  for (const character of text) {
    if (character === '&') size += 4;
    else if (character === '<' || character === '>') size += 3;
  }
  return size;
}

/** Of every text, value and address in it. */
export function messageSize(blocks: readonly KnownBlock[]): number {
  return textsIn(blocks).reduce((size, text) => size + sizeOf(text), 0);
}

const READ: ReadonlySet<string> = new Set(['text', 'value', 'url']);

function textsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return Object.entries(value).flatMap(([name, field]) =>
    typeof field === 'string' ? (READ.has(name) ? [field] : []) : textsIn(field),
  );
}
