import { z } from 'zod';
import type { SlackAccount, SlackPlace } from '../../../domain/slack-asked.js';

const id = z.string().regex(/^[A-Z][A-Z0-9]{1,29}$/);

const command = z.object({
  team_id: id,
  user_id: id,
  channel_id: id.nullish(),
  text: z.string().max(3_000).default(''),
  trigger_id: z.string().min(1).max(255),
  response_url: z.url().max(500).nullish(),
});

/** A code as the page shows it; who types it may leave the dashes out, or write it small. */
const CODE = /^[A-Z2-7]{16}$/;

/** A command of Slack: `/doorwarden link CODE`, or anything else. */
export type SlackCommand =
  | {
      readonly kind: 'link';
      readonly account: SlackAccount;
      /** Empty: what was typed is no code. */
      readonly code: string;
      readonly same: readonly string[];
      readonly place: SlackPlace;
    }
  | { readonly kind: 'help' };

/** Undefined: it is no command of Slack. */
export function readCommand(fields: unknown): SlackCommand | undefined {
  const parsed = command.safeParse(fields).data;
  if (parsed === undefined) return undefined;
  const [verb = '', ...words] = parsed.text.trim().split(/\s+/);
  if (verb.toLowerCase() !== 'link') return { kind: 'help' };
  const typed = words.join('').replaceAll('-', '').toUpperCase();
  const account = { team: parsed.team_id, user: parsed.user_id };
  return {
    kind: 'link',
    account,
    code: CODE.test(typed) ? typed : '',
    same: ['command', account.team, account.user, parsed.trigger_id],
    place: { channel: parsed.channel_id ?? null, message: null, responseUrl: parsed.response_url ?? null },
  };
}

/** What `/doorwarden help` says, and anything else that is no command. */
export function helpText(page: string): string {
  return [
    'Doorwarden asks in channels before an agent changes what a policy holds.',
    `\`/doorwarden link CODE\` says which principal you are. The code is on your own page: ${page}`,
    '`/doorwarden help` says this.',
  ].join('\n');
}
