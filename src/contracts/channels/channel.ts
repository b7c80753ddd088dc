import { z } from 'zod';
import { EMAIL_CHOICES } from '../../domain/notice-choice.js';

export const CHANNEL_HEALTHS = ['good', 'failing', 'quiet'] as const;

const time = z.iso.datetime();

export const channelParams = z.strictObject({ name: z.string().min(1).max(32) });
export type ChannelParams = z.infer<typeof channelParams>;

const channelTest = z.object({
  askedAt: time,
  askedBy: z.string(),
  doneAt: time.nullable().meta({ description: 'Null: no worker has finished it.' }),
  failure: z.string().nullable().meta({ description: 'Why nothing was sent; null: it was sent, or is not yet.' }),
});

export const channelView = z
  .object({
    name: z.string(),
    configured: z.boolean().nullable().meta({
      description: 'Whether a worker that is alive has it open; null: no worker says anything of it.',
    }),
    testable: z.boolean().meta({ description: 'Whether a test of it can be asked for now.' }),
    health: z.enum(CHANNEL_HEALTHS).meta({
      description: '`good`: what it sent last went out. `failing`: it did not. `quiet`: it has sent nothing yet.',
    }),
    lastSentAt: time.nullable(),
    lastFailedAt: time.nullable(),
    lastFailure: z.string().nullable().meta({ description: 'What went wrong then, in a sentence without a secret.' }),
    waiting: z.int().meta({ description: 'What it has to send and has not sent yet.' }),
    test: channelTest.nullable().meta({ description: 'The last one that somebody asked for.' }),
  })
  .meta({ id: 'Channel' });
export type ChannelView = z.infer<typeof channelView>;

export const channelList = z.object({ items: z.array(channelView) });
export type ChannelList = z.infer<typeof channelList>;

const email = z
  .enum(EMAIL_CHOICES)
  .meta({ description: '`digest`: what waits for you to decide, when something is new. `off`: no e-mail.' });

export const noticesChange = z.strictObject({ email });
export type NoticesChange = z.infer<typeof noticesChange>;

export const noticesView = z
  .object({
    email,
    address: z.string().nullable().meta({
      description: 'Where e-mail goes, as your identity provider has verified it; null: it has verified none.',
    }),
    emailConfigured: z.boolean().nullable().meta({
      description: 'Whether this broker sends e-mail; null: no worker says so.',
    }),
  })
  .meta({ id: 'Notices' });
export type NoticesView = z.infer<typeof noticesView>;
