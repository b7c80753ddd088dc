import { z } from 'zod';
import { checkedBlocks, walk } from '../block-kit/check.js';
import type { MessageBlock } from '../block-kit/blocks.js';
import { wrongInMrkdwn } from '../block-kit/mrkdwn.js';
import { SlackRefusal } from '../refusal.js';
import type { Workspace } from '../workspace/workspace.js';

const TEXT_CHARACTERS_MAX = 40_000;

/** What a message says: a text for notifications, and blocks for people who look at it. */
export interface MessageText {
  readonly text: string;
  readonly blocks: readonly MessageBlock[];
}

/**
 * The content of a message, checked as a whole.
 * @throws SlackRefusal `no_text`, `msg_too_long`, `invalid_blocks`, `msg_blocks_too_long`
 */
export function checkedContent(
  workspace: Workspace,
  given: { readonly text?: string | undefined; readonly blocks?: unknown },
): MessageText {
  const { text = '' } = given;
  const blocks = given.blocks === undefined ? [] : checkedBlocks(given.blocks);
  if (text === '' && blocks.length === 0) throw new SlackRefusal('no_text');
  if (text.length > TEXT_CHARACTERS_MAX) throw new SlackRefusal('msg_too_long');
  if (text === '') workspace.violations.note('blocks', 'a message without a text for notifications');
  noteMarkup(workspace, text, blocks);
  return { text, blocks };
}

const markup = z.object({ type: z.literal('mrkdwn'), text: z.string() });
const mention = z.union([
  z.object({ type: z.literal('broadcast'), range: z.string() }).transform(({ range }) => range),
  z.object({ type: z.literal('user'), user_id: z.string() }).transform(({ user_id }) => user_id),
  z.object({ type: z.literal('usergroup'), usergroup_id: z.string() }).transform(({ usergroup_id }) => usergroup_id),
]);

/** Slack shows such a message; it is wrong all the same when an agent's text can do it. */
export function noteMarkup(workspace: Workspace, text: string, blocks: unknown): void {
  const rules = workspace.parts.mrkdwn;
  const noteAll = (source: string): void => {
    for (const what of wrongInMrkdwn(source, rules)) workspace.violations.note('mrkdwn', what);
  };
  noteAll(text);
  walk({ blocks }, (_, value) => {
    const marked = markup.safeParse(value);
    if (marked.success) noteAll(marked.data.text);
    const mentioned = mention.safeParse(value);
    if (mentioned.success && !rules.usergroups.includes(mentioned.data))
      workspace.violations.note('mrkdwn', `a mention: ${mentioned.data}`);
  });
}
