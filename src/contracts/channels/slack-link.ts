import { z } from 'zod';

/** The account of Slack by which the caller decides there. */
export const slackLinkView = z
  .object({
    account: z
      .object({
        team: z.string().meta({ description: "The workspace's id." }),
        user: z.string().meta({ description: "The user's id." }),
        linkedAt: z.iso.datetime(),
      })
      .nullable()
      .meta({ description: 'Null: none is linked.' }),
  })
  .meta({ id: 'SlackLink' });
export type SlackLinkView = z.infer<typeof slackLinkView>;

/** A code that links the account from which it is sent. */
export const slackLinkCode = z
  .object({
    code: z.string().meta({ description: 'Works once.' }),
    command: z.string().meta({ description: 'What to send in Slack.' }),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'SlackLinkCode' });
export type SlackLinkCode = z.infer<typeof slackLinkCode>;
