import type {
  Button,
  ConfirmationDialog,
  HeaderBlock,
  KnownBlock,
  PlainTextElement,
  RichTextBlock,
  SectionBlock,
} from '@slack/types';
import { shownLines } from '../../../domain/visible-text.js';
import { cutText } from './sizes.js';

/** https://docs.slack.dev/reference/block-kit/blocks, with room left. */
const HEADER_MAX = 150;
const SECTION_MAX = 2_900;
const FIELD_MAX = 1_900;
const BUTTON_MAX = 75;
const CONFIRM_TEXT_MAX = 300;

/**
 * A text of anybody: Slack reads nothing in it, neither markup nor mentions nor emoji, and hidden characters are written
 * out.
 */
function plain(text: string, max: number): PlainTextElement {
  return { type: 'plain_text', text: cutText(shownLines(text), max), emoji: false };
}

export function headerBlock(text: string): HeaderBlock {
  return { type: 'header', text: plain(text, HEADER_MAX) };
}

export function textBlock(text: string): SectionBlock {
  return { type: 'section', text: plain(text, SECTION_MAX) };
}

/** Fixed words of ours, in bold: the only texts in which Slack reads markup. */
export type OwnLabel =
  | 'Agent'
  | 'Asked by'
  | 'Sponsor'
  | 'Target'
  | 'Database'
  | 'Transaction'
  | 'Waits until'
  | 'Settled'
  | 'From the agent'
  | 'Statement'
  | 'Bound values'
  | 'Access'
  | 'Not the whole statement: its first lines'
  | 'Not the whole access: its first lines'
  | 'Rows that match';

export function labelBlock(label: OwnLabel): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: `*${label}*`, verbatim: true } };
}

export type FactText = string | { readonly time: string };

/** Labels with their values, side by side; Slack takes five of them in a block. */
export function factBlocks(facts: readonly (readonly [OwnLabel, FactText])[]): readonly SectionBlock[] {
  const blocks: SectionBlock[] = [];
  for (let at = 0; at < facts.length; at += 5) {
    const fields = facts
      .slice(at, at + 5)
      .flatMap(([label, value]) => [
        { type: 'mrkdwn' as const, text: `*${label}*`, verbatim: true },
        typeof value === 'string' ? plain(value, FIELD_MAX) : timeField(value.time),
      ]);
    blocks.push({ type: 'section', fields });
  }
  return blocks;
}

/** Each reader sees it in their own time zone. */
function timeField(time: string) {
  const seconds = Math.floor(Date.parse(time) / 1_000);
  const otherwise = `${new Date(seconds * 1_000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const text = `<!date^${seconds}^{date_short_pretty} {time_secs}|${otherwise}>`;
  return { type: 'mrkdwn' as const, text, verbatim: true };
}

/** Exactly as it is: there is no fence that the text could close, and Slack reads nothing in it. */
export function preformattedBlock(text: string): RichTextBlock {
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: shownLines(text) }] }],
  };
}

export function linkBlock(text: string, url: string): RichTextBlock {
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_section', elements: [{ type: 'link', url, text }] }],
  };
}

export interface ButtonFields {
  readonly action: 'approve' | 'deny' | 'shape' | 'open';
  readonly text: string;
  readonly value: string;
  readonly url?: string;
  /** What is asked once more before it is done. */
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string };
}

export function buttonsBlock(blockId: string, buttons: readonly ButtonFields[]): KnownBlock {
  return { type: 'actions', block_id: blockId, elements: buttons.map(buttonOf) };
}

function buttonOf({ action, text, value, url, confirm }: ButtonFields): Button {
  return {
    type: 'button',
    action_id: action,
    text: plain(text, BUTTON_MAX),
    value,
    ...(url === undefined ? {} : { url }),
    ...(confirm === undefined ? {} : { confirm: dialogOf(confirm) }),
  };
}

function dialogOf({ title, text, yes }: NonNullable<ButtonFields['confirm']>): ConfirmationDialog {
  return {
    title: plain(title, 100),
    text: plain(text, CONFIRM_TEXT_MAX),
    confirm: plain(yes, 30),
    deny: plain('Not now', 30),
  };
}
