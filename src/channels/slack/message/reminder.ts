import type { KnownBlock } from '@slack/types';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { missingGroups } from './outcome-lines.js';

const MENTIONED_MAX = 10;

/** An answer in the message's thread that half of the time is over. */
export interface SlackReminderText {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

/** Mentions the usergroups of those of whom an answer is missing; of groups without one nobody is mentioned. */
export function reminderText(view: ApprovalView, usergroups: ReadonlyMap<string, string>): SlackReminderText {
  const ids = missingGroups(view).flatMap((group) => usergroups.get(group) ?? []);
  const mentioned = [...new Set(ids)].slice(0, MENTIONED_MAX);
  const text = 'Half of the time to decide is over.';
  return {
    text: [...mentioned.map((id) => `<!subteam^${id}>`), text].join(' '),
    blocks: [
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              ...mentioned.flatMap((id) => [
                { type: 'usergroup' as const, usergroup_id: id },
                { type: 'text' as const, text: ' ' },
              ]),
              { type: 'text', text },
            ],
          },
        ],
      },
    ],
  };
}
