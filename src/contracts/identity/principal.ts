import { z } from 'zod';
import { MAPPED_NAME_CHARACTERS_MAX } from '../../domain/identity/identity-mapping.js';
import { GROUP_NAME, GROUPS_MAX, PERMISSIONS, PRINCIPAL_KINDS, ROLES } from '../../domain/principal.js';
import { idSchema, pageQuery } from '../page.js';

const LABEL_CHARACTERS_MAX = 100;

/** A principal's name as one looks for it: also one that an identity provider brought, `<provider>:<rest>`. */
export const principalName = z
  .string()
  .max(MAPPED_NAME_CHARACTERS_MAX)
  .regex(
    /^(?:[a-z0-9][a-z0-9-]{0,31}:[a-z0-9][a-z0-9._@+/-]*|[a-z0-9][a-z0-9._@+-]*)$/,
    'must be the name of a principal: of a-z, 0-9, ".", "_", "@", "+" and "-", where a provider brought it with "<provider>:" before it',
  );

/**
 * Names that operators give stand in addresses, lists and recordings; e-mail addresses are welcome. They have no colon: no
 * provider brings one of them.
 */
const ownName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._@+-]{0,127}$/,
    'must be 1 to 128 of a-z, 0-9, ".", "_", "@", "+" and "-", and begin with a letter or digit',
  );

/** A group has a name and nothing else: policies name the groups of whom decisions must come. */
export const groupName = z
  .string()
  .regex(GROUP_NAME, 'must be 1 to 64 of a-z, 0-9, ".", "_" and "-", and begin with a letter or digit');

const groupNames = z
  .array(groupName)
  .max(GROUPS_MAX)
  .refine((groups) => new Set(groups).size === groups.length, 'must not repeat a group');

export const principalRequest = z.strictObject({
  name: ownName,
  kind: z.enum(PRINCIPAL_KINDS),
  roles: z
    .array(z.enum(ROLES))
    .min(1)
    .max(ROLES.length)
    .refine((roles) => new Set(roles).size === roles.length, 'must not repeat a role'),
  groups: groupNames.default([]).meta({ description: 'Groups of which policies may want decisions on approvals.' }),
});
export type PrincipalRequest = z.infer<typeof principalRequest>;

export const principalChange = z
  .strictObject({
    disabled: z
      .boolean()
      .optional()
      .meta({ description: "A disabled principal's keys do not work; its grants stay as they are." }),
    groups: groupNames.optional().meta({ description: 'The groups it is in from now on, all of them.' }),
    samePersonAs: principalName.nullable().optional().meta({
      description:
        'Another principal of the same person: together they count as one who decides, and none decides for the other. Null: it stands alone.',
    }),
    sponsor: principalName.nullable().optional().meta({
      description: 'The principal who answers for this agent, and so does not decide for it. Null: nobody is named.',
    }),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'must change something');
export type PrincipalChange = z.infer<typeof principalChange>;

export const principalParams = z.strictObject({ name: principalName });
export type PrincipalParams = z.infer<typeof principalParams>;

export const principalListQuery = z.strictObject({
  ...pageQuery,
  text: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'A part of the name, of the e-mail address or of the name to show.' }),
  kind: z.enum(PRINCIPAL_KINDS).optional(),
  role: z.enum(ROLES).optional(),
  group: groupName.optional().meta({ description: 'Those in this group, by an operator or by the identity mapping.' }),
  provider: z.string().min(1).max(32).optional().meta({ description: 'Those that this identity provider brought.' }),
  state: z.enum(['enabled', 'disabled']).optional(),
});
export type PrincipalListQuery = z.infer<typeof principalListQuery>;

const time = z.iso.datetime();

export const principalView = z
  .object({
    id: idSchema,
    name: z.string(),
    kind: z.enum(PRINCIPAL_KINDS),
    roles: z.array(z.enum(ROLES)).readonly(),
    groups: z.array(z.string()).readonly().meta({ description: 'Those that an operator gave.' }),
    mappedGroups: z.array(z.string()).readonly().meta({
      description: 'Those that the identity mapping gave besides, when the principal was last seen.',
    }),
    provider: z
      .string()
      .nullable()
      .meta({ description: 'The identity provider that brought it; null: an operator did.' }),
    email: z.string().nullable().meta({ description: 'As its provider has verified it.' }),
    displayName: z.string().nullable().meta({ description: 'As its provider says it; nobody has checked it.' }),
    signedInAt: time.nullable(),
    samePersonAs: z.array(z.string()).readonly().meta({ description: 'The other principals of the same person.' }),
    sponsor: z.string().nullable().meta({ description: 'Who answers for the agent, as an operator has set it.' }),
    createdAt: time,
    disabledAt: time.nullable(),
  })
  .meta({ id: 'Principal' });
export type PrincipalView = z.infer<typeof principalView>;

/** Somebody whom an identity provider knows, and who became this principal. */
export const identityView = z
  .object({
    provider: z.string(),
    issuer: z.string(),
    subject: z.string(),
    email: z.string().nullable(),
    firstSeenAt: time,
    lastSeenAt: time,
  })
  .meta({ id: 'Identity' });

export const identityList = z.object({ items: z.array(identityView), next: z.null() });
export type IdentityList = z.infer<typeof identityList>;

/** A principal with what else is known of it when somebody looks at it. */
export const knownPrincipalView = principalView
  .extend({
    keys: z.int().meta({ description: 'API keys of it that work now.' }),
    alike: z.array(z.string()).readonly().meta({
      description:
        'Other principals with the same verified e-mail address, or of that name, which are not said to be of the same person: they count as two.',
    }),
  })
  .meta({ id: 'KnownPrincipal' });
export type KnownPrincipalView = z.infer<typeof knownPrincipalView>;

export const principalPage = z.object({ items: z.array(knownPrincipalView), next: idSchema.nullable() });
export type PrincipalPage = z.infer<typeof principalPage>;

export const apiKeyRequest = z.strictObject({
  label: z
    .string()
    .trim()
    .min(1)
    .max(LABEL_CHARACTERS_MAX)
    .regex(/^\P{Cc}*$/u, 'must not contain control characters')
    .optional()
    .meta({ description: 'Where the key is used, to know it again.' }),
  expiresAt: time
    .optional()
    .meta({ description: 'When the key stops working. Absent: with the key that makes it, or never.' }),
  scope: z
    .array(z.enum(PERMISSIONS))
    .min(1)
    .refine((scope) => new Set(scope).size === scope.length, 'must not repeat a permission')
    .optional()
    .meta({
      description: 'The permissions that the key has. Absent: all of its principal, or of the key that makes it.',
    }),
  request: idSchema.optional().meta({
    description: "Another operator's request for this key, from the error `key_needs_second_operator`.",
  }),
});
export type ApiKeyRequest = z.infer<typeof apiKeyRequest>;

export const apiKeyParams = z.strictObject({
  name: principalName,
  id: z.string().regex(/^[a-z2-7]{8}$/, 'must be the 8 characters between the underscores of the key'),
});
export type ApiKeyParams = z.infer<typeof apiKeyParams>;

export const ownKeyParams = apiKeyParams.pick({ id: true });
export type OwnKeyParams = z.infer<typeof ownKeyParams>;

export const apiKeyView = z
  .object({
    id: z.string(),
    label: z.string().nullable(),
    createdAt: time,
    lastUsedAt: time.nullable().meta({ description: 'To the minute.' }),
    expiresAt: time.nullable().meta({ description: 'When it stops working; null: when somebody revokes it.' }),
    scope: z
      .array(z.enum(PERMISSIONS))
      .readonly()
      .nullable()
      .meta({ description: 'The permissions that it is narrowed to; null: all that its principal has.' }),
    revokedAt: time.nullable(),
    revokedBy: z
      .string()
      .nullable()
      .meta({ description: 'The name of the one who revoked it; null: nobody, or somebody at the command line.' }),
    madeBy: z.string().nullable().meta({ description: 'The name of the one who made it; null: at the command line.' }),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyView = z.infer<typeof apiKeyView>;

/** The answer to making a key: the only time that the key itself is shown. */
export const newApiKeyView = apiKeyView.extend({ key: z.string() }).meta({ id: 'NewApiKey' });
export type NewApiKeyView = z.infer<typeof newApiKeyView>;

export const apiKeyList = z.object({ items: z.array(apiKeyView), next: z.null() });
export type ApiKeyList = z.infer<typeof apiKeyList>;
