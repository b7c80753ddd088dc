import { z } from 'zod';
import { MAPPED_NAME_CHARACTERS_MAX, type MappingRule, PROVIDER_USES } from '../../domain/identity/identity-mapping.js';
import { claimsOfJson } from '../../domain/identity/json-claims.js';
import { faultsOfRule } from '../../domain/identity/mapping-faults.js';
import { PROVIDER_NAME } from '../../domain/identity/oidc-provider.js';
import { GROUPS_MAX, PRINCIPAL_KINDS, ROLES } from '../../domain/principal.js';
import { reasonOfChange } from '../reason.js';

export const MAPPING_RULES_MAX = 200;
/** A version may have 200 rules: few of them are one answer. */
const MAPPING_VERSIONS_MAX = 20;
const MAPPING_VERSIONS_DEFAULT = 10;
const CONDITIONS_MAX = 16;
const VALUES_MAX = 100;
const VALUE_CHARACTERS_MAX = 512;
const PATH_CHARACTERS_MAX = 255;
const TEMPLATE_CHARACTERS_MAX = 128;

export const providerName = z
  .string()
  .regex(PROVIDER_NAME, 'must be 1 to 32 of a-z, 0-9 and "-", and begin with a letter or digit');

/** The name of a claim, or a way into nested ones. */
export const claimPath = z
  .string()
  .min(1)
  .max(PATH_CHARACTERS_MAX)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters');

const scalarClaim = z.union([z.string().max(VALUE_CHARACTERS_MAX), z.number(), z.boolean()]);

/** A value, or several of which one must be there. */
export const wantedClaim = z.union([scalarClaim, z.array(scalarClaim).min(1).max(VALUES_MAX)]);

const conditions = z
  .record(claimPath, wantedClaim)
  .refine((when) => Object.keys(when).length > 0, 'must have a condition; everybody of the provider has its `iss`')
  .refine((when) => Object.keys(when).length <= CONDITIONS_MAX, `must not have more than ${CONDITIONS_MAX} conditions`);

const ruleFields = {
  provider: providerName,
  when: conditions.meta({
    description:
      'Claims with the value, or the values of which one must be there. Dots lead into nested claims; a name that has dots itself is tried whole first. `iss` and `sub` mean the verified issuer and subject.',
  }),
  principal: z.string().min(1).max(TEMPLATE_CHARACTERS_MAX).meta({
    description:
      'A template: `{claim}`, `{claim|lower}` or `{claim|spiffe}` stands for a value. The provider and a colon come before it.',
  }),
  kind: z.enum(PRINCIPAL_KINDS).meta({ description: 'agent or service: senders of tokens. user: people who sign in.' }),
  roles: z
    .array(z.enum(ROLES))
    .min(1)
    .max(ROLES.length)
    .refine((roles) => new Set(roles).size === roles.length, 'must not repeat a role'),
  groups: z
    .array(z.string().min(1).max(TEMPLATE_CHARACTERS_MAX))
    .max(GROUPS_MAX)
    .refine((groups) => new Set(groups).size === groups.length, 'must not repeat a group')
    .default([])
    .meta({ description: 'Names of groups, or `{claim}`: a list gives one for each element.' }),
};

/** One line of the mapping. */
export const mappingRule = z.strictObject(ruleFields).superRefine((rule, context) => {
  for (const { path, message } of faultsOfRule(rule)) context.addIssue({ code: 'custom', path: [...path], message });
});

const mappingRules = z.array(mappingRule).max(MAPPING_RULES_MAX);

export const identityMappingRequest = z.strictObject({
  rules: mappingRules.meta({ description: 'All of them, in order: the first that fits decides.' }),
  revision: z.int().min(0).optional().meta({
    description: 'The revision that the change was made from; with another one in force it is refused. 0: the first.',
  }),
  reason: reasonOfChange,
});
export type IdentityMappingRequest = z.infer<typeof identityMappingRequest>;

/** As it goes out; it was checked when it came in. */
export const mappingRuleView = z
  .object({
    provider: z.string(),
    when: z.record(z.string(), wantedClaim),
    principal: z.string(),
    kind: z.enum(PRINCIPAL_KINDS),
    roles: z.array(z.enum(ROLES)).readonly(),
    groups: z.array(z.string()).readonly(),
  })
  .meta({ id: 'MappingRule' }) satisfies z.ZodType<MappingRule>;

/** The mapping in force; revision 0: there never was one, and nobody is mapped. */
export const identityMappingView = z
  .object({
    rules: z.array(mappingRuleView).readonly(),
    revision: z.int(),
    reason: z.string().nullable(),
    changedBy: z.string().nullable(),
    changedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'IdentityMapping' });
export type IdentityMappingView = z.infer<typeof identityMappingView>;

export const mappingVersionsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAPPING_VERSIONS_MAX).default(MAPPING_VERSIONS_DEFAULT),
  cursor: z.coerce.number().int().min(1).optional(),
});
export type MappingVersionsQuery = z.infer<typeof mappingVersionsQuery>;

export const mappingVersionPage = z.object({
  items: z.array(identityMappingView).readonly(),
  next: z.int().nullable(),
});
export type MappingVersionPage = z.infer<typeof mappingVersionPage>;

/** Any object of JSON: what a provider says of somebody. */
const claims = z
  .looseObject({})
  .refine((value) => claimsOfJson(value) !== undefined, 'must not be nested so deep')
  .meta({ id: 'Claims' });

export const mappingTrialRequest = z.strictObject({
  provider: providerName,
  use: z.enum(PROVIDER_USES).meta({ description: 'agents: as of a bearer token. people: as of a sign-in.' }),
  claims: claims.meta({ description: 'As the provider would say them; `iss` and `sub` among them.' }),
  rules: mappingRules.optional().meta({ description: 'Absent: the mapping in force.' }),
});
export type MappingTrialRequest = z.infer<typeof mappingTrialRequest>;

const refusedGroupView = z.object({
  template: z.string(),
  value: z.string().nullable(),
  why: z.enum(['claim_missing', 'no_text', 'no_group_name', 'over_limit']),
});

const ruleTrialView = z.object({
  rule: z.int().meta({ description: 'Counted from 0.' }),
  fits: z.boolean(),
  misses: z.array(
    z.object({
      about: z.enum(['provider', 'kind', 'claim']),
      claim: z.string().nullable(),
      wanted: z.string(),
      found: z.string().nullable().meta({ description: 'Null: there is no such claim.' }),
    }),
  ),
});

/** Who these claims would be, and what each rule says of them. */
export const mappingTrialView = z
  .object({
    principal: z
      .object({
        rule: z.int(),
        name: z.string().max(MAPPED_NAME_CHARACTERS_MAX),
        kind: z.enum(PRINCIPAL_KINDS),
        roles: z.array(z.enum(ROLES)),
        groups: z.array(z.string()),
        leftOut: z.array(refusedGroupView),
      })
      .nullable()
      .meta({ description: 'Null: nobody; then `refusal` says why.' }),
    refusal: z.object({ rule: z.int().nullable(), why: z.string(), claim: z.string().nullable() }).nullable(),
    rules: z.array(ruleTrialView),
  })
  .meta({ id: 'MappingTrial' });
export type MappingTrialView = z.infer<typeof mappingTrialView>;
