import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  enableNonRepudiationChecks,
  None,
  type ServerMetadata,
} from 'openid-client';
import { type OidcProvider } from '../../domain/identity/oidc-provider.js';
import { type IssuerMetadata } from '../issuer/issuer-metadata.js';

/** What the library knows of a provider and of this broker as its client. */
export function configurationOf(provider: OidcProvider, metadata: IssuerMetadata): Configuration {
  const config = new Configuration(
    serverOf(provider, metadata),
    provider.clientId ?? '',
    {},
    authenticationOf(provider, metadata),
  );
  // Without it the library does not look at the id token's signature in this flow.
  enableNonRepudiationChecks(config);
  // Settings let http stand on this machine alone, and the way out holds it.
  if (provider.issuer.startsWith('http:')) allowInsecureRequests(config);
  return config;
}

/** The algorithms are those that the settings and the provider both have; a provider that names none has RS256. */
function serverOf({ algorithms }: OidcProvider, metadata: IssuerMetadata): ServerMetadata {
  const common = (offered: readonly string[] = ['RS256']) => algorithms.filter((one) => offered.includes(one));
  const said = Object.entries(metadata).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(said),
    issuer: metadata.issuer,
    id_token_signing_alg_values_supported: common(metadata.id_token_signing_alg_values_supported),
    userinfo_signing_alg_values_supported: common(metadata.userinfo_signing_alg_values_supported),
  };
}

function authenticationOf({ clientSecret }: OidcProvider, metadata: IssuerMetadata): ClientAuth {
  if (clientSecret === null) return None();
  const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = metadata;
  return methods.includes('client_secret_basic') ? ClientSecretBasic(clientSecret) : ClientSecretPost(clientSecret);
}
