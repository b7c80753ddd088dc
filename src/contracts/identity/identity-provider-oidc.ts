import { z } from 'zod';
import { PROVIDER_USES } from '../../domain/identity/identity-mapping.js';
import {
  faultsOfOidc,
  OIDC_DEFAULTS,
  type OidcProvider,
  SIGNATURE_ALGORITHMS,
} from '../../domain/identity/oidc-provider.js';
import { claimPath, wantedClaim } from './identity-mapping.js';

const ADDRESS_CHARACTERS_MAX = 512;
const ORIGINS_MAX = 8;
const TOKEN_SECONDS_MAX = 2_678_400;
const AGE_SECONDS_MAX = 2_592_000;
const CLAIMS_MAX = 16;
const PEM_CHARACTERS_MAX = 32_768;

const noControls = /^\P{Cc}*$/u;
const address = z.string().min(1).max(ADDRESS_CHARACTERS_MAX).regex(noControls, 'must not contain control characters');
const short = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

const requiredClaims = z
  .record(claimPath, z.union([wantedClaim, z.strictObject({ present: z.literal(true) })]))
  .refine((record) => Object.keys(record).length <= CLAIMS_MAX, `must not have more than ${CLAIMS_MAX} claims`);

function unlike<T extends z.ZodType>(element: T, itemsMax: number) {
  return z
    .array(element)
    .max(itemsMax)
    .refine((items) => new Set(items).size === items.length, 'must not repeat one');
}

const fields = {
  kind: z.literal('oidc'),
  for: unlike(z.enum(PROVIDER_USES), PROVIDER_USES.length)
    .min(1)
    .meta({ description: 'agents: it signs their bearer tokens. people: they sign in with it.' }),
  issuer: address.meta({ description: 'As its tokens spell it; https, or http on this machine itself.' }),
  audience: short.optional().meta({ description: 'What agents must ask their tokens for; needed for agents.' }),
  otherAudiences: unlike(short, 8)
    .default([])
    .meta({ description: "What agents' tokens may be for besides; others are refused." }),
  clientId: short.optional().meta({ description: 'What this broker is to the provider; needed for people.' }),
  scopes: unlike(short, 20).default([...OIDC_DEFAULTS.scopes]),
  algorithms: unlike(z.enum(SIGNATURE_ALGORITHMS), SIGNATURE_ALGORITHMS.length)
    .min(1)
    .default([...OIDC_DEFAULTS.algorithms]),
  tokenTypes: unlike(
    short.transform((text) => text.toLowerCase()),
    8,
  )
    .min(1)
    .default([...OIDC_DEFAULTS.tokenTypes])
    .meta({ description: "Types of agents' tokens (`typ`); `none`: it may be absent." }),
  requiredClaims: requiredClaims.default({}).meta({
    description: "What agents' tokens must say: a value, one of several, or `{present: true}`.",
  }),
  tokenSecondsMax: z
    .int()
    .min(60)
    .max(TOKEN_SECONDS_MAX)
    .default(OIDC_DEFAULTS.tokenSecondsMax)
    .meta({ description: "Agents' tokens that live longer are refused." }),
  sponsorClaim: claimPath.optional().meta({ description: 'Who answers for an agent; absent: `act.sub`.' }),
  groupsClaim: claimPath
    .optional()
    .meta({ description: "Where a person's groups are: a list of texts, or the sign-in is refused." }),
  acrValues: unlike(short, 10).default([]).meta({ description: "One of these a person's sign-in must have." }),
  maxAgeSeconds: z.int().min(0).max(AGE_SECONDS_MAX).optional(),
  userInfo: z.boolean().default(false).meta({ description: "A person's claims are read from userinfo as well." }),
  jwksUri: address.optional().meta({ description: 'Where the keys are, for an issuer without discovery.' }),
  origins: unlike(address, ORIGINS_MAX)
    .default([])
    .meta({ description: "Origins besides the issuer's to which discovery may lead." }),
  ca: z
    .string()
    .max(PEM_CHARACTERS_MAX)
    .regex(/-----BEGIN CERTIFICATE-----/, 'must be PEM')
    .optional()
    .meta({ description: "PEM of the authorities to trust; absent: the runtime's own list." }),
  allowPrivateAddresses: z.boolean().default(false).meta({
    description: 'The provider may be at private or link-local addresses, or on this machine itself.',
  }),
};

const clientSecret = z.string().min(1).max(1_024).regex(noControls, 'must not contain control characters');

/** The settings of a provider, as an operator sends them. */
export const oidcProviderRequest = z
  .strictObject({
    ...fields,
    clientSecret: clientSecret.optional().meta({ description: 'Goes in and never comes out; absent: it stays.' }),
  })
  .superRefine((request, context) => {
    for (const { field, message } of faultsOfOidc(oidcProviderOf('', request, request.clientSecret ?? null))) {
      context.addIssue({ code: 'custom', path: [field], message });
    }
  });
export type OidcProviderRequest = z.infer<typeof oidcProviderRequest>;

/** What is stored and shown: everything but the secret. */
export const oidcProviderSettings = z.object(fields);
export type OidcProviderSettings = z.infer<typeof oidcProviderSettings>;

/** The provider as the broker works with it. */
export function oidcProviderOf(name: string, settings: OidcProviderSettings, secret: string | null): OidcProvider {
  return {
    name,
    kind: 'oidc',
    for: settings.for,
    issuer: settings.issuer,
    audience: settings.audience ?? null,
    otherAudiences: settings.otherAudiences,
    clientId: settings.clientId ?? null,
    clientSecret: secret,
    scopes: settings.scopes,
    algorithms: settings.algorithms,
    tokenTypes: settings.tokenTypes,
    requiredClaims: settings.requiredClaims,
    tokenSecondsMax: settings.tokenSecondsMax,
    sponsorClaim: settings.sponsorClaim ?? null,
    groupsClaim: settings.groupsClaim ?? null,
    acrValues: settings.acrValues,
    maxAgeSeconds: settings.maxAgeSeconds ?? null,
    userInfo: settings.userInfo,
    jwksUri: settings.jwksUri ?? null,
    origins: settings.origins,
    ca: settings.ca ?? null,
    allowPrivateAddresses: settings.allowPrivateAddresses,
  };
}
