import { z } from 'zod';
import type { SamlProviderSettings } from '../../domain/identity/saml-provider.js';

const METADATA_CHARACTERS_MAX = 262_144;
const NAME_CHARACTERS_MAX = 1_024;
const URL_CHARACTERS_MAX = 2_048;
const PEM_CHARACTERS_MAX = 16_384;
const CERTIFICATES_MAX = 8;
const CONTEXTS_MAX = 8;
const ATTRIBUTE_CHARACTERS_MAX = 256;
const SKEW_SECONDS_MAX = 120;
const SKEW_SECONDS = 30;

const noControls = /^\P{Cc}*$/u;
const plain = (charactersMax: number): z.ZodString =>
  z.string().min(1).max(charactersMax).regex(noControls, 'must not contain control characters');

const certificate = z
  .string()
  .min(1)
  .max(PEM_CHARACTERS_MAX)
  .regex(/-----BEGIN CERTIFICATE-----/, 'must be PEM');
const attributeName = plain(ATTRIBUTE_CHARACTERS_MAX);

const fields = {
  kind: z.literal('saml'),
  for: z.array(z.literal('people')).length(1).meta({ description: 'people: they sign in with it.' }),
  metadata: z
    .string()
    .min(1)
    .max(METADATA_CHARACTERS_MAX)
    .optional()
    .meta({ description: "The identity provider's metadata, as XML; in place of `ssoUrl` and `certificates`." }),
  issuer: plain(NAME_CHARACTERS_MAX)
    .optional()
    .meta({ description: 'Its entityID. Beside metadata: they are refused if they are of another.' }),
  ssoUrl: plain(URL_CHARACTERS_MAX)
    .optional()
    .meta({ description: 'Where it takes requests by HTTP-Redirect; http on loopback only.' }),
  certificates: z
    .array(certificate)
    .min(1)
    .max(CERTIFICATES_MAX)
    .optional()
    .meta({ description: 'PEM certificates of the keys that it signs with: the current one and the next.' }),
  audience: plain(NAME_CHARACTERS_MAX)
    .optional()
    .meta({ description: "The broker's entityID there; absent: the address of the broker's own metadata." }),
  wantResponseSigned: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether the response has to be signed too. The assertion always has to be.' }),
  attributes: z
    .strictObject({
      subject: attributeName
        .optional()
        .meta({ description: 'The attribute that names the person for ever; absent: the NameID does.' }),
      email: attributeName.optional(),
      displayName: attributeName.optional(),
    })
    .default({}),
  forceAuthn: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether people have to prove who they are at every sign-in.' }),
  authnContexts: z
    .array(plain(ATTRIBUTE_CHARACTERS_MAX))
    .max(CONTEXTS_MAX)
    .default([])
    .meta({ description: 'Authentication context classes of which the sign-in has to be one; empty: any.' }),
  clockSkewSeconds: z
    .int()
    .min(0)
    .max(SKEW_SECONDS_MAX)
    .default(SKEW_SECONDS)
    .meta({ description: 'How far the clocks of the two may differ.' }),
};

/**
 * The settings of a SAML provider, as an operator sends them: its metadata, or issuer, address and certificates. What only
 * the texts themselves show, such as a certificate that has expired, `samlConfiguration` finds.
 */
export const samlProviderRequest = z.strictObject(fields);
export type SamlProviderRequest = z.infer<typeof samlProviderRequest>;

const settings = {
  issuer: z.string(),
  ssoUrl: z.string(),
  certificates: z.array(z.string()).readonly(),
  audience: z.string().nullable(),
  wantResponseSigned: z.boolean(),
  attributes: z.object({
    subject: z.string().nullable(),
    email: z.string().nullable(),
    displayName: z.string().nullable(),
  }),
  forceAuthn: z.boolean(),
  authnContexts: z.array(z.string()).readonly(),
  clockSkewSeconds: z.int(),
};

/** What is stored and shown: all of it, since it has no secret. */
export const samlProviderSettings: z.ZodType<SamlProviderSettings> = z.object(settings);

/** One thing to look at before it stops sign-ins. */
export const samlWarningView = z.object({
  field: z.string(),
  warning: z.enum(['certificate-expires', 'certificate-expired']),
  fingerprint: z.string().meta({ description: "SHA-256 of the certificate's bytes, in hexadecimal." }),
  at: z.iso.datetime().meta({ description: 'When the certificate ends.' }),
});
export type SamlWarningView = z.infer<typeof samlWarningView>;

/** From when to when a certificate verifies what its provider signs. */
export const samlCertificateView = z.object({
  fingerprint: z.string().meta({ description: "SHA-256 of the certificate's bytes, in hexadecimal." }),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
});

/** What the API shows of a SAML provider's settings. */
export const samlSettingsView = z
  .object({
    ...settings,
    warnings: z.array(samlWarningView).readonly(),
    certificateTimes: z.array(samlCertificateView).readonly().meta({ description: 'In the order of `certificates`.' }),
  })
  .meta({ id: 'SamlSettings' });
export type SamlSettingsView = z.infer<typeof samlSettingsView>;
