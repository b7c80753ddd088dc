import { expect } from 'vitest';
import { z } from 'zod';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { approvalMessage, type SlackMessage } from './approval-message.js';

export const OPTIONS = { publicUrl: 'https://broker.example', showRows: false };
export const message = (view: ApprovalView, showRows = false): SlackMessage =>
  approvalMessage(view, { ...OPTIONS, showRows });

type Part = Readonly<Record<string, unknown>>;

/** Every object in it, at any depth. */
export function partsIn(value: unknown): readonly Part[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(partsIn);
  return [Object.fromEntries(Object.entries(value)), ...Object.values(value).flatMap(partsIn)];
}

export function ofType(type: string, shown: SlackMessage): readonly Part[] {
  return partsIn(shown.blocks).filter((part) => part['type'] === type);
}

/** All that people read in it. */
export function wordsOf(shown: SlackMessage): string {
  return partsIn(shown.blocks)
    .flatMap(({ text }) => (typeof text === 'string' ? [text] : []))
    .join('\n');
}

export function preformattedOf(shown: SlackMessage): readonly string[] {
  return ofType('rich_text_preformatted', shown).map((part) =>
    partsIn(part['elements'])
      .map(({ text }) => String(text))
      .join(''),
  );
}

export function buttonsOf(shown: SlackMessage): readonly unknown[] {
  return ofType('button', shown).map((part) => part['action_id']);
}

const lengths: Readonly<Record<string, number>> = { header: 150, section: 3_000, button: 75 };

/** As https://docs.slack.dev/reference/block-kit/blocks says, and 12,000 characters in all. */
export function expectWithinLimits(shown: SlackMessage): void {
  expect(shown.blocks.length).toBeLessThanOrEqual(50);
  expect(shown.text.length).toBeLessThanOrEqual(4_000);
  expect(wordsOf(shown).length).toBeLessThanOrEqual(12_000);
  for (const part of partsIn(shown.blocks)) {
    const { type, text, fields, value, url, block_id: blockId, confirm } = part;
    const inner = z.object({ text: z.string() }).safeParse(text).data?.text;
    const max = typeof type === 'string' ? lengths[type] : undefined;
    if (inner !== undefined && max !== undefined) expect(inner.length).toBeLessThanOrEqual(max);
    if (typeof text === 'string') expect(text).not.toBe('');
    if (typeof value === 'string') expect(value.length).toBeLessThanOrEqual(2_000);
    if (typeof url === 'string') expect(url.length).toBeLessThanOrEqual(3_000);
    if (typeof blockId === 'string') expect(blockId.length).toBeLessThanOrEqual(255);
    if (Array.isArray(fields)) {
      expect(fields.length).toBeLessThanOrEqual(10);
      for (const field of partsIn(fields)) expect(String(field['text']).length).toBeLessThanOrEqual(2_000);
    }
    const dialog = z.object({ text: z.object({ text: z.string() }) }).safeParse(confirm).data;
    if (dialog !== undefined) expect(dialog.text.text.length).toBeLessThanOrEqual(300);
  }
}

/** Slack reads markup in fixed words and times alone, and nobody else's text reaches it. */
export function expectOwnMarkup(shown: SlackMessage): void {
  for (const part of ofType('mrkdwn', shown)) {
    expect(part['text']).toMatch(/^(\*[A-Za-z :]+\*|<!date\^\d+\^\{date_short_pretty\} \{time_secs\}\|[-\d: ]+UTC>)$/);
  }
  expect(shown.text).not.toMatch(/[<>]/);
  for (const part of ofType('plain_text', shown)) expect(part['emoji']).toBe(false);
}
