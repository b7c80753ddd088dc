import { z } from 'zod';

/** Text that Slack shows as it is. */
export const plainText = (charactersMax: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(charactersMax),
    emoji: z.boolean().optional(),
  });

/** Text with Slack's own markup. */
export const mrkdwnText = (charactersMax: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(charactersMax),
    verbatim: z.boolean().optional(),
  });

export const anyText = (charactersMax: number) =>
  z.discriminatedUnion('type', [plainText(charactersMax), mrkdwnText(charactersMax)]);

export type BlockText = z.infer<ReturnType<typeof anyText>>;

export const blockId = z.string().min(1).max(255).optional();
export const actionId = z.string().min(1).max(255).optional();
export const link = z.url().max(3000);
