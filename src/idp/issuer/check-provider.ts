import { X509Certificate } from 'node:crypto';
import { faultsOfOidc, type OidcProvider, type ProviderProblem } from '../../domain/identity/oidc-provider.js';
import { type UnavailableReason, unavailableReason } from '../provider-unavailable.js';
import { type IssuerMetadata } from './issuer-metadata.js';
import { type IssuerParts, OidcIssuer } from './oidc-issuer.js';

/** How the broker can prove itself to a provider with a secret. */
const CLIENT_METHODS = ['client_secret_basic', 'client_secret_post'];
/** Of these the settings may be right: the provider may answer in a moment. */
const PASSING: readonly UnavailableReason[] = ['connection_failed', 'too_slow'];
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What an operator corrects when the provider does not answer as it should, and why. */
const PROBLEM_OF: Readonly<Record<UnavailableReason, ProviderProblem>> = {
  origin_not_configured: {
    field: 'origins',
    message: 'must have every origin to which discovery leads',
  },
  not_encrypted: { field: 'issuer', message: 'leads to an address without TLS' },
  private_address: {
    field: 'allowPrivateAddresses',
    message: 'must be true for a provider at a private address',
  },
  name_unknown: { field: 'issuer', message: 'has a host of which no address is known' },
  connection_failed: { field: 'issuer', message: 'does not answer' },
  tls_untrusted: {
    field: 'ca',
    message: "must have the authority of the provider's certificate, which could not be verified",
  },
  too_slow: { field: 'issuer', message: 'did not answer within five seconds' },
  redirect: { field: 'issuer', message: 'answered with a redirect, which is not followed' },
  too_large: { field: 'issuer', message: 'answered with more than 64 KiB' },
  compressed: { field: 'issuer', message: 'compressed its answer without being asked to' },
  status: { field: 'issuer', message: 'has no discovery document: check it, or give jwksUri' },
  not_json: { field: 'issuer', message: 'has a discovery document that is no JSON' },
  duplicate_member: { field: 'issuer', message: 'has a discovery document with a member twice' },
  other_issuer: { field: 'issuer', message: 'must be spelled as the discovery document spells it' },
  metadata_incomplete: { field: 'issuer', message: 'has a discovery document that lacks what is needed' },
  keys_invalid: {
    field: 'issuer',
    message: 'has keys that cannot be trusted: more than a hundred, one that is private, or two of one id',
  },
};

/**
 * Asks the provider once, and says by field what is wrong with its settings; empty: it can be used.
 * What the provider answered is in no message.
 * @throws BrokerError `signin_provider_unavailable` when it is away
 */
export async function checkProvider(provider: OidcProvider, parts: IssuerParts): Promise<readonly ProviderProblem[]> {
  const faults = [...faultsOfOidc(provider), ...authorityFaults(provider, parts)];
  if (faults.length > 0) return faults;
  const issuer = new OidcIssuer(provider, parts);
  try {
    const metadata = await issuer.metadata();
    const { keys } = await issuer.keys.keysFor(null);
    const noKeys = keys.length === 0 ? [{ field: keysField(provider), message: 'publishes no keys' }] : [];
    return [...noKeys, ...(provider.for.includes('people') ? faultsForPeople(provider, metadata) : [])];
  } catch (error) {
    const reason = unavailableReason(error);
    if (reason === undefined || PASSING.includes(reason)) throw error;
    const { field, message } = PROBLEM_OF[reason];
    return [{ field: field === 'issuer' ? keysField(provider) : field, message }];
  }
}

/** Where there is no discovery, the address of the keys is what was asked. */
function keysField({ jwksUri }: OidcProvider): string {
  return jwksUri === null ? 'issuer' : 'jwksUri';
}

function authorityFaults({ ca }: OidcProvider, { clock }: IssuerParts): readonly ProviderProblem[] {
  if (ca === null) return [];
  const blocks = ca.match(PEM_BLOCK) ?? [];
  try {
    const certificates = blocks.map((block) => new X509Certificate(block));
    if (certificates.some(({ validTo }) => Date.parse(validTo) > clock.nowMs())) return [];
    return [{ field: 'ca', message: 'has no certificate that is still valid' }];
  } catch {
    return [{ field: 'ca', message: 'is no certificate' }];
  }
}

function faultsForPeople(provider: OidcProvider, metadata: IssuerMetadata): readonly ProviderProblem[] {
  const faults: ProviderProblem[] = [];
  const { id_token_signing_alg_values_supported: algorithms = ['RS256'] } = metadata;
  const { code_challenge_methods_supported: challenges = ['S256'] } = metadata;
  const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = metadata;
  if (metadata.authorization_endpoint === undefined || metadata.token_endpoint === undefined) {
    faults.push({ field: 'for', message: 'cannot have people: the issuer has no endpoint at which they sign in' });
  }
  if (!provider.algorithms.some((one) => algorithms.includes(one))) {
    faults.push({ field: 'algorithms', message: 'must have one with which the provider signs id tokens' });
  }
  if (!challenges.includes('S256')) {
    faults.push({ field: 'issuer', message: 'does not offer PKCE with S256' });
  }
  if (provider.clientSecret !== null && !methods.some((one) => CLIENT_METHODS.includes(one))) {
    faults.push({ field: 'clientSecret', message: 'cannot be used: the provider wants another proof of its clients' });
  }
  if (provider.userInfo && metadata.userinfo_endpoint === undefined) {
    faults.push({ field: 'userInfo', message: 'must be false: the provider has no userinfo endpoint' });
  }
  return faults;
}
