import { z } from 'zod';
import { UNNAMED_PROTOCOL } from '../../domain/protocol-value.js';
import { TARGET_TEST_STEPS, TARGET_WARNINGS, TEST_STEP_OUTCOMES } from '../../domain/target-test.js';
import { CREDENTIAL_MODES, TLS_MODES } from '../../domain/target.js';
import { VERDICTS } from '../../domain/verdict.js';
import { TTL_SECONDS_MAX } from '../../domain/grant.js';
import { outlookView } from './grant.js';
import { idSchema, pageQuery } from '../page.js';
import { accessRule, protocolName, protocolOfTarget, valueOfProtocol } from '../protocol-value.js';

const PORT_MAX = 65_535;
const PEM_CHARACTERS_MAX = 32_768;
const SESSIONS_MAX = 1_000;
const LABELS_MAX = 32;

const noControls = /^\P{Cc}*$/u;

/** Names stand in addresses and recordings. */
export const targetName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    'must be 1 to 64 of a-z, 0-9, ".", "_" and "-", and begin with a letter or digit',
  );

const host = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9_:][A-Za-z0-9._:-]*$/, 'must be a host name or an address')
  .transform((text) => text.toLowerCase());

const port = z.int().min(1).max(PORT_MAX);

const tls = z.strictObject({
  mode: z.enum(TLS_MODES),
  ca: z
    .string()
    .max(PEM_CHARACTERS_MAX)
    .regex(/-----BEGIN CERTIFICATE-----/, 'must be PEM')
    .optional()
    .meta({ description: "PEM of the authorities to trust; absent: the runtime's own list." }),
  serverName: z.string().min(1).max(255).optional().meta({ description: 'The name to verify; absent: the host.' }),
});

/** Where grants begin that do not say where; the protocol may refuse some names. */
export const defaultDatabase = z.string().min(1).max(64).regex(noControls, 'must not contain control characters');

/** The limits that targets of every protocol have. */
export const commonLimits = {
  ttlSecondsMax: z.int().min(1).max(TTL_SECONDS_MAX),
  sessionsMax: z.int().min(1).max(SESSIONS_MAX),
};

const labels = z
  .record(z.string().regex(/^[a-z0-9][a-z0-9._/-]{0,62}$/), z.string().max(255).regex(noControls))
  .refine((record) => Object.keys(record).length <= LABELS_MAX, `must not have more than ${LABELS_MAX} labels`);

const username = z.string().min(1).max(128).regex(noControls);
const password = z.string().max(1_024).meta({ description: 'Goes in and never comes out.' });

export const targetRequest = z.strictObject({
  name: targetName,
  protocol: protocolName
    .default(UNNAMED_PROTOCOL)
    .meta({ description: 'What it speaks: `mysql` of MySQL and MariaDB.' }),
  host,
  port: port.optional().meta({ description: 'Absent: the usual one of the protocol; 3306 of `mysql`.' }),
  tls: tls.optional().meta({ description: 'Absent: off on this machine itself, verify-identity elsewhere.' }),
  username: username.meta({ description: "The provisioning account, or with `credentials: 'static'` the one to use." }),
  password,
  credentials: z.enum(CREDENTIAL_MODES).default('dynamic'),
  defaultDatabase: defaultDatabase.optional(),
  labels: labels.default({}),
  limits: valueOfProtocol('LimitsRequest').optional(),
});
export type TargetRequest = z.infer<typeof targetRequest>;

/** What is absent stays. A changed host, port or TLS drops the stored password unless a new one comes along. */
export const targetChange = z
  .strictObject({
    host: host.optional(),
    port: port.optional(),
    tls: tls.optional().meta({ description: 'When only the host changes, TLS starts from its default again.' }),
    username: username.optional(),
    password: password.optional(),
    credentials: z.enum(CREDENTIAL_MODES).optional(),
    defaultDatabase: defaultDatabase.nullable().optional(),
    labels: labels.optional(),
    limits: valueOfProtocol('LimitsChange').optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'must change something');
export type TargetChangeRequest = z.infer<typeof targetChange>;

export const targetParams = z.strictObject({ name: targetName });
export type TargetParams = z.infer<typeof targetParams>;

export const targetListQuery = z.strictObject({ ...pageQuery });
export type TargetListQuery = z.infer<typeof targetListQuery>;

const reportView = z.object({
  flavour: z.string(),
  version: z.string(),
  tls: z.object({ version: z.string(), cipher: z.string() }).nullable(),
  checkedAt: z.string(),
});

/** What the policies in force say to one way of asking for a grant. */
const askedWayView = z
  .object({
    access: z.array(accessRule),
    verdict: z.enum(VERDICTS).meta({
      description: '`allow`: the grant opens at once. `hold`: people are asked first. `deny`: it is refused.',
    }),
    why: z.string().meta({ description: 'Why it is held or denied; empty when it is allowed.' }),
  })
  .meta({ id: 'AskedWay' });

/**
 * What meets the caller when it asks for a grant, as the policies stand now. The time asked for is the longest that the
 * limits allow; each request and each statement is judged by itself all the same.
 */
export const askingView = z
  .object({
    words: z.string().meta({ description: 'The same in plain words.' }),
    withoutAccess: askedWayView.nullable().meta({
      description: 'A request that names no access; null: the target has no default database, so access must be named.',
    }),
    everything: askedWayView.nullable().meta({
      description: 'A request for as much as one may ask for; null: the limits name no databases to ask for.',
    }),
    outlook: outlookView.nullable().meta({
      description: 'What the statements of such a grant meet, by the first three rules of its access.',
    }),
  })
  .meta({ id: 'Asking' });
export type AskingView = z.infer<typeof askingView>;

/** What everybody who may ask for a grant sees of a target. */
export const targetSummaryView = z
  .object({
    id: idSchema,
    name: z.string(),
    protocol: protocolOfTarget,
    defaultDatabase: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    limits: valueOfProtocol('Limits'),
    report: reportView.nullable().meta({ description: 'What the broker saw when it last connected.' }),
    asking: askingView.nullable().optional().meta({
      description:
        'Only for callers who may ask for grants. null: nobody has looked at the target, or this api does not know its protocol.',
    }),
  })
  .meta({ id: 'TargetSummary' });
export type TargetSummaryView = z.infer<typeof targetSummaryView>;

const lastLookView = z
  .object({
    at: z.iso.datetime(),
    ok: z.boolean(),
    code: z.string().nullable().meta({ description: 'A code of docs/errors.md; null when nothing was wrong.' }),
    what: z.string().nullable().meta({ description: 'The sentence of that code.' }),
  })
  .meta({ id: 'TargetLook' });

/** What an operator sees. The password is not in it. */
export const targetView = targetSummaryView
  .extend({
    host: z.string(),
    port: z.int(),
    tls: z.object({ mode: z.enum(TLS_MODES), ca: z.string().optional(), serverName: z.string().optional() }),
    credentials: z.enum(CREDENTIAL_MODES),
    username: z.string(),
    hasCredential: z.boolean(),
    createdAt: z.iso.datetime(),
    lastLook: lastLookView.nullable().meta({
      description: 'How it went when a gateway was last asked to look; null when none was, since the endpoint changed.',
    }),
    openTasks: z
      .int()
      .meta({ description: 'Grants that need the target: it cannot be deleted before they are sealed.' }),
    warnings: z
      .array(z.object({ code: z.enum(TARGET_WARNINGS), text: z.string() }))
      .readonly()
      .meta({ description: 'What makes it less safe than it could be.' }),
  })
  .meta({ id: 'Target' });
export type TargetView = z.infer<typeof targetView>;

/** How a gateway got on with a target, step by step. A step after the first that failed was not taken. */
export const targetTestView = z
  .object({
    ok: z.boolean(),
    at: z.iso.datetime(),
    durationMs: z.int(),
    steps: z
      .array(
        z.object({
          step: z.enum(TARGET_TEST_STEPS),
          outcome: z.enum(TEST_STEP_OUTCOMES).meta({ description: '`off`: the registration does not ask for it.' }),
          detail: z.string().nullable().meta({ description: 'What was found, or what was wrong; in words.' }),
        }),
      )
      .readonly(),
    code: z.string().nullable().meta({ description: 'Of what failed: a code of docs/errors.md.' }),
    hint: z.string().nullable().meta({ description: 'Of what failed: what to do.' }),
    missing: z.array(z.string()).readonly().meta({
      description: 'GRANT statements that give the provisioning account what it lacks, each whole and without `;`.',
    }),
    target: targetView,
  })
  .meta({ id: 'TargetTest' });
export type TargetTestView = z.infer<typeof targetTestView>;

/** The full view with the permission target.read, else the summary. */
export const anyTargetView = z.union([targetView, targetSummaryView]);
export type AnyTargetView = TargetView | TargetSummaryView;

export const targetPage = z.object({ items: z.array(anyTargetView), next: idSchema.nullable() });
