import { z } from 'zod';
import { identityMappingRequest, providerName } from '../../../contracts/identity/identity-mapping.js';
import { oidcProviderRequest } from '../../../contracts/identity/identity-provider-oidc.js';
import { samlProviderRequest } from '../../../contracts/identity/identity-provider-saml.js';
import { policyName, policyRequest } from '../../../contracts/policies/policy.js';
import { protocolName } from '../../../contracts/protocol-value.js';
import { targetChange, targetName, targetRequest } from '../../../contracts/grants/target.js';
import type { ApplyKind } from './apply-kinds.js';

const PATH_CHARACTERS_MAX = 4_096;

/** Where a secret is read when it is sent; a document never has the secret itself. */
export const secretOrigin = z
  .union([
    z.strictObject({
      env: z
        .string()
        .max(255)
        .regex(
          /^(?!DOORWARDEN_)[A-Za-z_][A-Za-z0-9_]*$/,
          'must be the name of an environment variable, and none that begins with DOORWARDEN_',
        )
        .meta({ description: 'The environment variable that has it.' }),
    }),
    z.strictObject({
      file: z.string().min(1).max(PATH_CHARACTERS_MAX).meta({
        description:
          'The file that has it, from the folder of the document; the line break at its end is not part of it.',
      }),
    }),
  ])
  .meta({ id: 'SecretOrigin' });
export type SecretOrigin = z.infer<typeof secretOrigin>;

const { port, tls, credentials, defaultDatabase, labels, limits } = targetChange.shape;

/** A target; what is absent stays as it is, or for a new one as the API has it. */
export const targetSpec = z.strictObject({
  protocol: protocolName.optional().meta({ description: 'Of a new target; absent: mysql. It never changes.' }),
  host: targetRequest.shape.host,
  port,
  tls,
  username: targetRequest.shape.username,
  credentials,
  defaultDatabase,
  labels,
  limits,
  passwordFrom: secretOrigin.optional().meta({ description: 'Needed for a new target, or one at another place.' }),
});
export type TargetSpec = z.infer<typeof targetSpec>;

/** A policy, with its text in the document or in a file of its own. */
export const policySpec = z.union([
  z.strictObject({ text: policyRequest.shape.text }),
  z.strictObject({
    textFrom: z.strictObject({
      file: z
        .string()
        .min(1)
        .max(PATH_CHARACTERS_MAX)
        .meta({ description: 'A file of Cedar policies in the folder of the document, or below it.' }),
    }),
  }),
]);
export type PolicySpec = z.infer<typeof policySpec>;

/** The identity mapping: all of its rules, in order. */
export const mappingSpec = z.strictObject({ rules: identityMappingRequest.shape.rules });
export type MappingSpec = z.infer<typeof mappingSpec>;

const { clientSecret: _clientSecret, ...oidcFields } = oidcProviderRequest.shape;
const { metadata: _metadata, for: _for, issuer, ssoUrl, certificates, ...samlFields } = samlProviderRequest.shape;

/** An identity provider; what is absent has its default. Of SAML the settings, not the metadata that they were read from. */
export const providerSpec = z.discriminatedUnion('kind', [
  z.strictObject({
    ...oidcFields,
    clientSecretFrom: secretOrigin.optional().meta({ description: 'Absent: the provider has none, or it stays.' }),
  }),
  z.strictObject({
    ...samlFields,
    issuer: issuer.unwrap(),
    ssoUrl: ssoUrl.unwrap(),
    certificates: certificates.unwrap(),
  }),
]);
export type ProviderSpec = z.infer<typeof providerSpec>;

/** One document of a file: something that the broker shall have. */
export const applyDocument = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('Target'), name: targetName, spec: targetSpec }),
  z.strictObject({ kind: z.literal('Policy'), name: policyName, spec: policySpec }),
  z.strictObject({ kind: z.literal('IdentityProvider'), name: providerName, spec: providerSpec }),
  z.strictObject({
    kind: z.literal('IdentityMapping'),
    name: z.literal('default').optional().meta({ description: 'There is one mapping.' }),
    spec: mappingSpec,
  }),
]);
export type ApplyDocument = z.infer<typeof applyDocument>;

export type KindDocument<K extends ApplyKind> = Extract<ApplyDocument, { readonly kind: K }>;
