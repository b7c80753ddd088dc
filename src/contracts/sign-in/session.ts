import { z } from 'zod';
import { PERMISSIONS, PRINCIPAL_KINDS, ROLES } from '../../domain/principal.js';
import { deviceNames } from './device.js';
import { idSchema } from '../page.js';
import { principalParams } from '../identity/principal.js';
import { slackLinkView } from '../channels/slack-link.js';

const time = z.iso.datetime();
const sessionId = z.string().regex(/^[0-9a-f]{16}$/, 'must be the 16 characters that the list of sessions shows');

export const sessionView = z
  .object({
    id: sessionId,
    current: z.boolean().meta({ description: 'This call came with it.' }),
    provider: z.string().nullable().meta({ description: 'The identity provider; null: a one-time link.' }),
    signedInAt: time.meta({ description: 'When the person proved who they are.' }),
    createdAt: time,
    lastSeenAt: time.meta({ description: 'To the minute.' }),
    endsAt: time.meta({ description: 'When it ends if nobody uses it any more.' }),
    address: z.string(),
    userAgent: z.string(),
    device: deviceNames
      .nullable()
      .meta({ description: 'The command line that it is of, as it called itself; null: a browser.' }),
  })
  .meta({ id: 'Session' });
export type SessionView = z.infer<typeof sessionView>;

export const sessionList = z.object({ items: z.array(sessionView), next: z.null() });
export type SessionList = z.infer<typeof sessionList>;

export const ownSessionParams = z.strictObject({ id: sessionId });
export type OwnSessionParams = z.infer<typeof ownSessionParams>;

export const sessionParams = z.strictObject({ name: principalParams.shape.name, id: sessionId });
export type SessionParams = z.infer<typeof sessionParams>;

export const endSessionsQuery = z.strictObject({
  keepCurrent: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'Whether the session that this call came with goes on.' }),
});
export type EndSessionsQuery = z.infer<typeof endSessionsQuery>;

const signInView = z
  .object({
    by: z
      .enum(['api-key', 'token', 'session', 'device'])
      .meta({ description: '`device`: the command line, let in by its person with a browser.' }),
    key: z.string().nullable().meta({ description: 'The id of the API key.' }),
    provider: z
      .string()
      .nullable()
      .meta({ description: 'The identity provider; null: an API key, or a one-time link.' }),
    session: z.string().nullable(),
    signedInAt: time.nullable().meta({
      description:
        'When the person proved who they are; null where their provider does not say, and without a session.',
    }),
  })
  .meta({ id: 'SignIn' });

export const meView = z
  .object({
    principal: z.object({
      id: idSchema,
      name: z.string(),
      kind: z.enum(PRINCIPAL_KINDS),
      email: z.string().nullable(),
      displayName: z.string().nullable(),
    }),
    person: idSchema.meta({ description: 'Equal for two principals of one person.' }),
    roles: z.array(z.enum(ROLES)).readonly(),
    groups: z.array(z.string()).readonly(),
    permissions: z.array(z.enum(PERMISSIONS)).readonly(),
    signIn: signInView,
    sponsor: z.object({ name: z.string(), isClaim: z.boolean() }).nullable(),
    limits: z.object({
      bodyBytes: z.int(),
      streams: z.int().meta({ description: 'Event streams that may be open together.' }),
      session: z
        .object({
          idleSeconds: z.int(),
          seconds: z.int(),
          endsAt: time.meta({ description: 'If it is not used any more.' }),
          latestEndsAt: time.meta({ description: 'However much it is used.' }),
        })
        .nullable()
        .meta({ description: 'Of a call that came with a session.' }),
    }),
    slack: slackLinkView.nullable().meta({
      description: 'The account of Slack by which the caller decides; null where this broker has none to link.',
    }),
    page: z.object({
      build: z.string().nullable().meta({
        description: 'Names the web page that the api serves: an open page of another build should be loaded again.',
      }),
    }),
  })
  .meta({ id: 'Me' });
export type MeView = z.infer<typeof meView>;
