import { z } from 'zod';
import { SlackRefusal } from '../refusal.js';
import {
  block,
  BLOCKS_CHARACTERS_MAX,
  BLOCKS_OF_MESSAGE_MAX,
  type MessageBlock,
  type ModalView,
  modalView,
} from './blocks.js';

/** Blocks of a message, checked. @throws SlackRefusal `invalid_blocks`, `msg_blocks_too_long` */
export function checkedBlocks(given: unknown): readonly MessageBlock[] {
  const parsed = z.array(block).max(BLOCKS_OF_MESSAGE_MAX).safeParse(given);
  if (!parsed.success) throw new SlackRefusal('invalid_blocks', wordsOf(parsed.error, '/blocks'));
  expectUniqueIds(parsed.data, 'invalid_blocks');
  if (charactersIn(parsed.data) > BLOCKS_CHARACTERS_MAX) throw new SlackRefusal('msg_blocks_too_long');
  return parsed.data;
}

/** A modal, checked. @throws SlackRefusal `invalid_arguments` */
export function checkedView(given: unknown): ModalView {
  const parsed = modalView.safeParse(given);
  if (!parsed.success) throw new SlackRefusal('invalid_arguments', wordsOf(parsed.error, '/view'));
  expectUniqueIds(parsed.data.blocks, 'invalid_arguments');
  return parsed.data;
}

/** Characters of all texts, as Slack counts them towards its total: of everything that people can read. */
export function charactersIn(given: unknown): number {
  let characters = 0;
  walk(given, (key, value) => {
    if (typeof value === 'string' && key === 'text') characters += value.length;
  });
  return characters;
}

/** Every `block_id` and `action_id` of a message names one thing. */
function expectUniqueIds(blocks: readonly MessageBlock[], code: string): void {
  const seen = new Set<string>();
  walk(blocks, (key, value) => {
    if (key !== 'block_id' && key !== 'action_id') return;
    const name = `${key} ${String(value)}`;
    if (seen.has(name)) throw new SlackRefusal(code, [`[ERROR] \`${key}\` "${String(value)}" already exists`]);
    seen.add(name);
  });
}

/** Visits every property of a tree of objects and arrays. */
export function walk(given: unknown, visit: (key: string, value: unknown) => void): void {
  if (Array.isArray(given)) {
    for (const one of given) walk(one, visit);
  } else if (typeof given === 'object' && given !== null) {
    for (const [key, value] of Object.entries(given)) {
      visit(key, value);
      walk(value, visit);
    }
  }
}

/** In the form that Slack has for it: what is wrong, and where by a JSON pointer. */
function wordsOf({ issues }: z.ZodError, place: string): readonly string[] {
  return issues.map((issue) => `[ERROR] ${wordOf(issue)} [json-pointer:${place}${pointerOf(issue)}]`);
}

function wordOf(issue: z.core.$ZodIssue): string {
  const unit = 'origin' in issue && issue.origin === 'array' ? 'items' : 'characters';
  if (issue.code === 'too_big') return `must be less than ${Number(issue.maximum) + 1} ${unit}`;
  if (issue.code === 'too_small') return `must be more than ${Number(issue.minimum) - 1} ${unit}`;
  if (issue.code === 'unrecognized_keys') return `unsupported properties: ${issue.keys.join(', ')}`;
  return issue.message;
}

function pointerOf({ path }: z.core.$ZodIssue): string {
  return path.map((step) => `/${String(step)}`).join('');
}
