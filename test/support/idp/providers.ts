import { OIDC_DEFAULTS, type OidcProvider } from '../../../src/domain/identity/oidc-provider.js';

/** What agents' tokens of the tests are for. */
export const AUDIENCE = 'https://doorwarden.test';
export const CLIENT_ID = 'doorwarden-web';
export const CLIENT_SECRET = 'a-secret-of-the-tests-0123456789abcdef';

const NOTHING_MORE = {
  kind: 'oidc',
  otherAudiences: [],
  requiredClaims: {},
  sponsorClaim: null,
  groupsClaim: null,
  acrValues: [],
  maxAgeSeconds: null,
  userInfo: false,
  jwksUri: null,
  origins: [],
  ca: null,
  allowPrivateAddresses: true,
  ...OIDC_DEFAULTS,
} as const;

export function agentsProvider(issuer: string, change: Partial<OidcProvider> = {}): OidcProvider {
  return {
    ...NOTHING_MORE,
    name: 'ci',
    for: ['agents'],
    issuer,
    audience: AUDIENCE,
    clientId: null,
    clientSecret: null,
    ...change,
  };
}

export function peopleProvider(issuer: string, change: Partial<OidcProvider> = {}): OidcProvider {
  return {
    ...NOTHING_MORE,
    name: 'corp',
    for: ['people'],
    issuer,
    audience: null,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    ...change,
  };
}
