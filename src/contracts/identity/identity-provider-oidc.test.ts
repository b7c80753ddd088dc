import { describe, expect, it } from 'vitest';
import { identityMappingRequest } from './identity-mapping.js';
import { oidcProviderOf, oidcProviderRequest } from './identity-provider-oidc.js';

const AGENTS = { kind: 'oidc', for: ['agents'], issuer: 'https://ci.example.com', audience: 'doorwarden' };
const PEOPLE = { kind: 'oidc', for: ['people'], issuer: 'https://id.example.com/realm', clientId: 'doorwarden-web' };

/** The fields that do not fit. */
function faultsOf(request: unknown): readonly string[] {
  const { error } = oidcProviderRequest.safeParse(request);
  return (error?.issues ?? []).map(({ path, code }) => path.map(String).join('.') || code);
}

describe('the settings of an OpenID Connect provider', () => {
  it('may be short; what they leave out is the strict side', () => {
    const parsed = oidcProviderRequest.parse({ ...PEOPLE, clientSecret: 's' });
    expect(oidcProviderOf('corp', parsed, parsed.clientSecret ?? null)).toEqual({
      name: 'corp',
      kind: 'oidc',
      for: ['people'],
      issuer: 'https://id.example.com/realm',
      audience: null,
      otherAudiences: [],
      clientId: 'doorwarden-web',
      clientSecret: 's',
      scopes: ['openid', 'email', 'profile'],
      algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      tokenTypes: ['at+jwt'],
      requiredClaims: {},
      tokenSecondsMax: 86_400,
      sponsorClaim: null,
      groupsClaim: null,
      acrValues: [],
      maxAgeSeconds: null,
      userInfo: false,
      jwksUri: null,
      origins: [],
      ca: null,
      allowPrivateAddresses: false,
    });
  });

  it.each<[string, object]>([
    ['agents', AGENTS],
    ['people', PEOPLE],
    ['both', { ...PEOPLE, ...AGENTS, for: ['agents', 'people'] }],
    ['a provider on this machine', { ...PEOPLE, issuer: 'http://127.0.0.1:8080', allowPrivateAddresses: true }],
    [
      'every setting',
      {
        ...AGENTS,
        algorithms: ['ES256'],
        tokenTypes: ['JWT', 'none'],
        requiredClaims: { repository: ['acme/shop'], 'kubernetes.io.namespace': 'agents', jti: { present: true } },
        tokenSecondsMax: 600,
        sponsorClaim: 'user_login',
        jwksUri: 'https://keys.example.com/jwks',
        origins: ['https://keys.example.com'],
        ca: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----',
      },
    ],
  ])('are taken for %s', (_, request) => {
    expect(faultsOf(request)).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['the issuer is no address', { ...AGENTS, issuer: 'example' }, 'issuer'],
    ['the issuer is not encrypted', { ...AGENTS, issuer: 'http://ci.example.com' }, 'issuer'],
    ['the issuer has a name and password', { ...AGENTS, issuer: 'https://a:b@ci.example.com' }, 'issuer'],
    ['the issuer has a query', { ...AGENTS, issuer: 'https://ci.example.com/?a' }, 'issuer'],
    ['the issuer is a file', { ...AGENTS, issuer: 'file:///etc/passwd' }, 'issuer'],
    ['this machine is not allowed', { ...AGENTS, issuer: 'https://127.0.0.1' }, 'allowPrivateAddresses'],
    ['this machine is written in IPv6', { ...AGENTS, issuer: 'https://[::1]' }, 'allowPrivateAddresses'],
    ['agents have no audience', { ...AGENTS, audience: undefined }, 'audience'],
    ['people have no client', { ...PEOPLE, clientId: undefined }, 'clientId'],
    ['a secret has no client', { ...AGENTS, clientSecret: 's' }, 'clientId'],
    [
      'an id token would be a bearer token',
      { ...PEOPLE, ...AGENTS, for: ['agents', 'people'], clientId: AGENTS.audience },
      'audience',
    ],
    ['openid is not asked for', { ...PEOPLE, scopes: ['email'] }, 'scopes'],
    ['people would have keys without discovery', { ...PEOPLE, jwksUri: 'https://id.example.com/k' }, 'jwksUri'],
    ['it is for nobody', { ...AGENTS, for: [] }, 'for'],
    ['an algorithm does not sign', { ...AGENTS, algorithms: ['none'] }, 'algorithms.0'],
    ['an algorithm has a shared secret', { ...AGENTS, algorithms: ['HS256'] }, 'algorithms.0'],
    ['there is no algorithm', { ...AGENTS, algorithms: [] }, 'algorithms'],
    ['an origin has a path', { ...AGENTS, origins: ['https://keys.example.com/x'] }, 'origins'],
    ['an origin is not encrypted', { ...AGENTS, origins: ['http://169.254.169.254'] }, 'origins'],
    ['tokens may live for a year', { ...AGENTS, tokenSecondsMax: 31_536_000 }, 'tokenSecondsMax'],
    ['the authority is no PEM', { ...AGENTS, ca: 'x' }, 'ca'],
    ['there is a field that nobody knows', { ...AGENTS, skipChecks: true }, 'unrecognized_keys'],
  ])('are refused by field where %s', (_, request, field) => {
    expect(faultsOf(request)).toEqual([field]);
  });
});

describe('the mapping', () => {
  const rule = { provider: 'ci', when: { sub: 'x' }, principal: '{sub}', kind: 'agent', roles: ['agent'] };
  const fits = (change: object) => identityMappingRequest.safeParse({ rules: [{ ...rule, ...change }] }).success;

  it('is taken with rules that say what they can', () => {
    expect(identityMappingRequest.parse({ rules: [rule] }).rules).toEqual([{ ...rule, groups: [] }]);
    expect(identityMappingRequest.parse({ rules: [] }).rules).toEqual([]);
  });

  it.each<[string, object]>([
    ['a rule without a condition', { when: {} }],
    ['a condition that nothing fits', { when: { a: [] } }],
    ['a condition on an object', { when: { a: { b: 'c' } } }],
    [
      'more conditions than there may be',
      { when: Object.fromEntries([...Array(17).keys()].map((key) => [`c${key}`, 1])) },
    ],
    ['a role twice', { roles: ['agent', 'agent'] }],
    ['a template that is none', { principal: '{' }],
    ['a provider that cannot be named so', { provider: 'Corp' }],
    ['a field that nobody knows', { unless: {} }],
  ])('is refused with %s', (_, change) => {
    expect(fits({})).toBe(true);
    expect(fits(change)).toBe(false);
  });

  it('is refused with more rules than there may be', () => {
    expect(identityMappingRequest.safeParse({ rules: Array.from({ length: 201 }, () => rule) }).success).toBe(false);
  });
});
