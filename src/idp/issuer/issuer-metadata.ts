import { z } from 'zod';
import { type ProviderUse } from '../../domain/identity/identity-mapping.js';
import { type OidcProvider } from '../../domain/identity/oidc-provider.js';
import { type Egress } from '../../egress/egress.js';
import { providerUnavailable } from '../provider-unavailable.js';
import { readJson } from './json-answer.js';

const address = z.string().max(2_048);
const texts = z.array(z.string().max(255)).max(200);

/** What discovery says (OpenID Connect Discovery 1.0, section 3); members that the broker does not use are dropped. */
const metadataSchema = z.object({
  issuer: z.string().max(512),
  jwks_uri: address,
  authorization_endpoint: address.optional(),
  token_endpoint: address.optional(),
  userinfo_endpoint: address.optional(),
  end_session_endpoint: address.optional(),
  token_endpoint_auth_methods_supported: texts.optional(),
  id_token_signing_alg_values_supported: texts.optional(),
  userinfo_signing_alg_values_supported: texts.optional(),
  code_challenge_methods_supported: texts.optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});
export type IssuerMetadata = z.infer<typeof metadataSchema>;

/** The endpoints that the broker uses: agents' tokens need the keys alone, and their issuers name others that are none. */
const ENDPOINTS = {
  agents: ['jwks_uri'],
  people: ['jwks_uri', 'authorization_endpoint', 'token_endpoint', 'userinfo_endpoint'],
} as const satisfies Record<ProviderUse, readonly (keyof IssuerMetadata)[]>;

/** Where the broker may go for this provider. */
export function originsOf({ issuer, jwksUri, origins }: OidcProvider): readonly string[] {
  const own = [issuer, ...(jwksUri === null ? [] : [jwksUri])].flatMap((text) => URL.parse(text)?.origin ?? []);
  return [...own, ...origins];
}

/**
 * Asks the provider what it is. Its issuer must be the configured one, character by character, and its endpoints must be
 * where the broker may go, and send a browser.
 * @throws BrokerError `signin_provider_unavailable`
 */
export async function discover(provider: OidcProvider, egress: Egress): Promise<IssuerMetadata> {
  if (provider.jwksUri !== null) return { issuer: provider.issuer, jwks_uri: provider.jwksUri };
  const json = await readJson(egress, `${provider.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const { data: metadata } = metadataSchema.safeParse(json);
  if (metadata === undefined) throw providerUnavailable('metadata_incomplete');
  if (metadata.issuer !== provider.issuer) throw providerUnavailable('other_issuer');
  const origins = originsOf(provider);
  for (const name of provider.for.flatMap((use) => ENDPOINTS[use])) {
    const endpoint = metadata[name];
    if (endpoint !== undefined && !origins.includes(URL.parse(endpoint)?.origin ?? '')) {
      throw providerUnavailable('origin_not_configured');
    }
  }
  return metadata;
}
