import { isLoopback } from '../../kernel/loopback.js';
import { type WantedClaim } from './claim-path.js';
import { type ProviderUse } from './identity-mapping.js';

/** How a provider is named in this broker; names of principals begin with it. */
export const PROVIDER_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Signatures that the broker takes (RFC 7518, RFC 8037): never `none`, and none with a shared secret. */
export const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** What a token must say of itself: this value, one of these, or anything at all. */
export type RequiredClaim = WantedClaim | { readonly present: true };

/** A token that lives longer is refused, unless the provider's settings say otherwise. */
export const TOKEN_SECONDS_DEFAULT = 86_400;

/** The settings of an OpenID Connect provider, defaults filled in. The secret is here only where it was opened. */
export interface OidcProvider {
  readonly name: string;
  readonly kind: 'oidc';
  readonly for: readonly ProviderUse[];
  /** As its tokens spell it, character by character. */
  readonly issuer: string;
  /** What agents' tokens must be for; null where the provider is for people only. */
  readonly audience: string | null;
  /** What such a token may be for besides. */
  readonly otherAudiences: readonly string[];
  /** What this broker is to the provider; null where it is for agents only. */
  readonly clientId: string | null;
  /** Null: a public client, which PKCE alone protects. */
  readonly clientSecret: string | null;
  readonly scopes: readonly string[];
  readonly algorithms: readonly SignatureAlgorithm[];
  /** Types of agents' tokens (`typ`), in small letters; `none`: it may be absent. */
  readonly tokenTypes: readonly string[];
  readonly requiredClaims: Readonly<Record<string, RequiredClaim>>;
  readonly tokenSecondsMax: number;
  /** The claim that names who answers for an agent; null: `act.sub`. */
  readonly sponsorClaim: string | null;
  /** The claim that has a person's groups; it must then be a list of texts. */
  readonly groupsClaim: string | null;
  /** One of these a person's sign-in must have; empty: any. */
  readonly acrValues: readonly string[];
  /** How long ago a person may have proved who they are; null: the provider decides. */
  readonly maxAgeSeconds: number | null;
  /** Claims of people are read from the userinfo endpoint as well. */
  readonly userInfo: boolean;
  /** Where the keys are, for an issuer without discovery. */
  readonly jwksUri: string | null;
  /** Origins besides the issuer's to which discovery may lead. */
  readonly origins: readonly string[];
  /** PEM of the authorities to trust; null: the runtime's own list. */
  readonly ca: string | null;
  /** Its addresses may be private, link-local or this machine's own. */
  readonly allowPrivateAddresses: boolean;
}

/** The defaults of what an operator may leave out. */
export const OIDC_DEFAULTS = {
  scopes: ['openid', 'email', 'profile'],
  algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
  tokenTypes: ['at+jwt'],
  tokenSecondsMax: TOKEN_SECONDS_DEFAULT,
} as const satisfies Partial<OidcProvider>;

/** What is wrong with the settings, by the field that is to be corrected. */
export interface ProviderProblem {
  readonly field: string;
  readonly message: string;
}

/** All that can be seen without asking the provider. */
export function faultsOfOidc(provider: OidcProvider): readonly ProviderProblem[] {
  return [...addressFaults(provider), ...useFaults(provider)];
}

function addressFaults(provider: OidcProvider): readonly ProviderProblem[] {
  const addresses = [
    { field: 'issuer', text: provider.issuer },
    ...(provider.jwksUri === null ? [] : [{ field: 'jwksUri', text: provider.jwksUri }]),
    ...provider.origins.map((text) => ({ field: 'origins', text })),
  ];
  const faults = addresses.flatMap(({ field, text }) => {
    const message = addressFault(text);
    return message === undefined ? [] : [{ field, message }];
  });
  const notOrigins = provider.origins.filter((text) => URL.parse(text)?.origin !== text);
  return [
    ...faults,
    ...notOrigins.map(() => ({
      field: 'origins',
      message: 'must be origins, such as https://www.example.com, without a path',
    })),
    ...privateFaults(provider, addresses),
  ];
}

/** Undefined: an address that the broker may call. */
function addressFault(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'must be an address that begins with https://';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(hostOf(url)))) {
    return 'must begin with https:// (http:// only on this machine itself)';
  }
  if (url.username !== '' || url.password !== '') return 'must not have a user name or password in it';
  if (text.includes('?') || text.includes('#')) return 'must not have a query or fragment';
  return undefined;
}

function privateFaults(
  { allowPrivateAddresses }: OidcProvider,
  addresses: readonly { readonly field: string; readonly text: string }[],
): readonly ProviderProblem[] {
  if (allowPrivateAddresses) return [];
  return addresses
    .filter(({ text }) => {
      const url = URL.parse(text);
      return url !== null && isLoopback(hostOf(url));
    })
    .map(() => ({
      field: 'allowPrivateAddresses',
      message: 'must be true for a provider on this machine itself',
    }));
}

/** A literal of IPv6 without its brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function useFaults(provider: OidcProvider): readonly ProviderProblem[] {
  const faults: ProviderProblem[] = [];
  if (provider.for.includes('agents') && provider.audience === null) {
    faults.push({ field: 'audience', message: 'must be there for agents: what their tokens are for' });
  }
  if (provider.for.includes('people')) {
    if (provider.clientId === null) {
      faults.push({ field: 'clientId', message: 'must be there for people: what this broker is to the provider' });
    }
    if (!provider.scopes.includes('openid')) faults.push({ field: 'scopes', message: 'must have openid' });
    if (provider.jwksUri !== null) {
      faults.push({ field: 'jwksUri', message: 'cannot be there for people: signing in needs discovery' });
    }
  }
  if (provider.clientSecret !== null && provider.clientId === null) {
    faults.push({ field: 'clientId', message: 'must be there with a clientSecret' });
  }
  if (provider.audience !== null && provider.audience === provider.clientId) {
    faults.push({
      field: 'audience',
      message: 'must differ from clientId: otherwise an id token of a person would be for this broker too',
    });
  }
  return faults;
}
