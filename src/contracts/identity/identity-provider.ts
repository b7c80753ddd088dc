import { z } from 'zod';
import { PROVIDER_USES } from '../../domain/identity/identity-mapping.js';
import { PROVIDER_KINDS } from '../../domain/identity/verified-identity.js';
import { providerName } from './identity-mapping.js';
import { oidcProviderRequest, oidcProviderSettings } from './identity-provider-oidc.js';
import { reasonOfChange } from '../reason.js';
import { samlProviderRequest, samlSettingsView } from './identity-provider-saml.js';

export const providerParams = z.strictObject({ name: providerName });
export type ProviderParams = z.infer<typeof providerParams>;

const change = {
  revision: z.int().min(0).optional().meta({
    description:
      'The revision that the change was made from; with another one in force it is refused. 0: a new provider.',
  }),
  reason: reasonOfChange,
};

export const identityProviderRequest = z.discriminatedUnion('kind', [
  oidcProviderRequest.safeExtend(change),
  samlProviderRequest.extend({
    kind: z.literal('saml'),
    for: z.tuple([z.literal('people')]).default(['people']),
    ...change,
  }),
]);
export type IdentityProviderRequest = z.infer<typeof identityProviderRequest>;

export const providerDeleteQuery = z.strictObject({
  revision: z.coerce.number().pipe(z.int().min(1)).optional().meta({ description: 'As in a change.' }),
  reason: reasonOfChange,
});
export type ProviderDeleteQuery = z.infer<typeof providerDeleteQuery>;

const time = z.iso.datetime();
const common = {
  name: z.string(),
  revision: z.int(),
  createdAt: time,
  changedAt: time,
  changedBy: z.string(),
  address: z
    .object({ signIn: z.string().nullable(), callback: z.string().nullable(), metadata: z.string().nullable() })
    .meta({ description: "What the provider's administrator is to be told; null: not for this provider." }),
};

/** What the api that answers has from a provider of OpenID Connect. Each api asks for itself. */
export const discoveryView = z
  .object({
    state: z.enum(['not-asked', 'good', 'failing']).meta({
      description: 'failing: it did not answer, or not as it should, when it was asked last.',
    }),
    readAt: time.nullable().meta({ description: 'When discovery was read last, and was good.' }),
    failedAt: time.nullable(),
    fault: z.string().nullable().meta({ description: 'The short code of what was wrong.' }),
    keys: z.int().nullable().meta({ description: 'How many keys it published; null: they were not read yet.' }),
    keysReadAt: time.nullable(),
  })
  .meta({ id: 'Discovery' });
export type DiscoveryView = z.infer<typeof discoveryView>;

/** A provider with all that is stored of it but its secret. */
export const identityProviderView = z
  .discriminatedUnion('kind', [
    oidcProviderSettings.extend({
      tokenTypes: z.array(z.string()),
      hasClientSecret: z.boolean(),
      discovery: discoveryView,
      ...common,
    }),
    samlSettingsView.extend({ kind: z.literal('saml'), for: z.array(z.literal('people')).readonly(), ...common }),
  ])
  .meta({ id: 'IdentityProvider' });
export type IdentityProviderView = z.infer<typeof identityProviderView>;

export const identityProviderSummary = z
  .object({
    name: z.string(),
    kind: z.enum(PROVIDER_KINDS),
    for: z.array(z.enum(PROVIDER_USES)).readonly(),
    issuer: z.string(),
    revision: z.int(),
    changedAt: time,
  })
  .meta({ id: 'IdentityProviderSummary' });
export type IdentityProviderSummary = z.infer<typeof identityProviderSummary>;

export const identityProviderList = z.object({ items: z.array(identityProviderSummary), next: z.null() });
export type IdentityProviderList = z.infer<typeof identityProviderList>;
