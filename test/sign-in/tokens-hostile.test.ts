import { generateSecret, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MappingFault, type MappingRule, mapIdentity } from '../../src/domain/identity/identity-mapping.js';
import { type OidcProvider } from '../../src/domain/identity/oidc-provider.js';
import { type TokenCheck } from '../../src/idp/tokens/token-checks.js';
import { IssuerPool } from '../../src/idp/issuer/issuer-pool.js';
import { TokenVerifier } from '../../src/idp/tokens/token-verifier.js';
import { BrokerError } from '../../src/kernel/errors.js';
import { systemClock } from '../../src/kernel/clock.js';
import { caseTable, documentedTable } from '../support/idp/case-table.js';
import {
  type LyingIssuer,
  makeKey,
  publicPem,
  type SigningKey,
  startLyingIssuer,
} from '../support/idp/lying-issuer.js';
import { agentsProvider, AUDIENCE } from '../support/idp/providers.js';

let issuer: LyingIssuer;
let other: LyingIssuer;
let foreign: SigningKey;
let rsa: SigningKey;

beforeAll(async () => {
  [issuer, other] = await Promise.all([startLyingIssuer(), startLyingIssuer()]);
  [foreign, rsa] = await Promise.all([makeKey('key-1'), makeKey('rsa', 'RS256')]);
  issuer.keySet = { keys: [issuer.key.jwk, rsa.jwk] };
});
afterAll(() => Promise.all([issuer.close(), other.close()]));

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** What a good token says. */
function goodClaims(): JWTPayload {
  const now = nowSeconds();
  return {
    iss: issuer.issuer,
    aud: AUDIENCE,
    sub: 'build-7',
    iat: now,
    exp: now + 300,
    jti: 'j1',
    repository: 'acme/shop',
  };
}

const signed = (change: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
  issuer.sign({ ...goodClaims(), ...change }, { header });
/** A token that names a person of the same provider, as a client can be named. */
const person = (change: Record<string, unknown>) =>
  issuer.sign({ ...goodClaims(), sub: 'kim', repository: undefined, client_id: 'kim', ...change });
const without = (...names: readonly string[]) =>
  issuer.sign(Object.fromEntries(Object.entries(goodClaims()).filter(([name]) => !names.includes(name))));

/** The token with another text in one of its parts. */
function withPart(token: string, index: number, text: string): string {
  return token
    .split('.')
    .map((part, at) => (at === index ? Buffer.from(text).toString('base64url') : part))
    .join('.');
}

/** A person and a job of one provider. */
const RULES: readonly MappingRule[] = [
  { provider: 'ci', when: { sub: 'kim' }, principal: '{sub}', kind: 'user', roles: ['approver'], groups: ['dba'] },
  {
    provider: 'ci',
    when: { repository: 'acme/shop' },
    principal: '{sub}',
    kind: 'agent',
    roles: ['agent'],
    groups: [],
  },
];

interface TokenCase {
  readonly input: string;
  readonly check: TokenCheck | MappingFault;
  readonly token: () => Promise<string> | string;
  readonly provider?: Partial<OidcProvider>;
}

const CASES: readonly TokenCase[] = [
  { input: '`alg` is none', check: 'malformed', token: () => new UnsecuredJWT(goodClaims()).encode() },
  {
    input: '`alg` is none, with a signature',
    check: 'algorithm',
    token: async () => withPart(await signed(), 0, '{"alg":"none","typ":"at+jwt"}'),
  },
  {
    input: 'HS256 with the public key as the secret',
    check: 'algorithm',
    token: async () =>
      new SignJWT(goodClaims())
        .setProtectedHeader({ alg: 'HS256', kid: 'rsa', typ: 'at+jwt' })
        .sign(new TextEncoder().encode(await publicPem(rsa))),
  },
  {
    input: 'HS256 with a secret of the sender',
    check: 'algorithm',
    token: async () =>
      new SignJWT(goodClaims())
        .setProtectedHeader({ alg: 'HS256', kid: 'key-1', typ: 'at+jwt' })
        .sign(await generateSecret('HS256')),
  },
  {
    input: 'an algorithm that the provider may use and the settings do not allow',
    check: 'algorithm',
    token: () => issuer.sign(goodClaims(), { key: rsa }),
    provider: { algorithms: ['ES256'] },
  },
  {
    input: 'a foreign key under the same `kid`',
    check: 'signature',
    token: () => issuer.sign(goodClaims(), { key: foreign }),
  },
  {
    input: 'the key in the header (`jwk`)',
    check: 'key_in_header',
    token: () => issuer.sign(goodClaims(), { key: foreign, header: { jwk: foreign.jwk } }),
  },
  {
    input: 'the address of the keys in the header (`jku`)',
    check: 'key_in_header',
    token: () => issuer.sign(goodClaims(), { key: foreign, header: { jku: `${other.issuer}/keys` } }),
  },
  {
    input: 'the address of a certificate in the header (`x5u`)',
    check: 'key_in_header',
    token: () => signed({}, { x5u: 'https://example.com/cert.pem' }),
  },
  { input: 'a `kid` that nobody published', check: 'key_unknown', token: () => signed({}, { kid: 'key-9' }) },
  { input: 'a `kid` that is a path', check: 'key_unknown', token: () => signed({}, { kid: '../../../../dev/null' }) },
  {
    input: 'a `kid` that is an address',
    check: 'key_unknown',
    token: () => signed({}, { kid: 'http://169.254.169.254/' }),
  },
  {
    input: 'a key of another kind under the `kid`',
    check: 'key_unknown',
    token: () => issuer.sign(goodClaims(), { header: { kid: 'rsa' } }),
  },
  {
    input: 'a changed claim',
    check: 'signature',
    token: async () => withPart(await signed(), 1, JSON.stringify({ ...goodClaims(), sub: 'root' })),
  },
  {
    input: 'a changed byte of the signature',
    check: 'signature',
    token: async () => {
      const token = await signed();
      return `${token.slice(0, -4)}${token.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    },
  },
  { input: 'an empty signature', check: 'malformed', token: async () => (await signed()).replace(/[^.]+$/, '') },
  {
    input: 'an extension that must be understood (`crit`)',
    check: 'critical_header',
    token: async () =>
      withPart(await signed(), 0, '{"alg":"ES256","kid":"key-1","typ":"at+jwt","crit":["exp"],"exp":1}'),
  },
  { input: 'an encrypted token', check: 'encrypted', token: async () => `${await signed()}.AA.AA` },
  { input: 'two parts', check: 'malformed', token: async () => (await signed()).split('.').slice(0, 2).join('.') },
  { input: 'something that is no token', check: 'malformed', token: () => 'dw_0123456789' },
  { input: 'claims that are no object', check: 'malformed', token: async () => withPart(await signed(), 1, '["sub"]') },
  {
    input: 'bytes that are no UTF-8',
    check: 'malformed',
    token: async () => (await signed()).replace(/\.[^.]+\./, '._w.'),
  },
  { input: 'a token of one mebibyte', check: 'too_large', token: () => signed({ fill: 'x'.repeat(1_048_576) }) },
  {
    input: 'a claim twice, signed by the issuer',
    check: 'duplicate_member',
    token: () => issuer.signText(`${JSON.stringify(goodClaims()).slice(0, -1)},"sub":"root"}`),
  },
  {
    input: 'a claim twice, once with its name escaped',
    check: 'duplicate_member',
    token: () => issuer.signText(`${JSON.stringify(goodClaims()).slice(0, -1)},"s\\u0075b":"root"}`),
  },
  {
    input: 'a header member twice',
    check: 'duplicate_member',
    token: async () => withPart(await signed(), 0, '{"alg":"ES256","alg":"none","kid":"key-1","typ":"at+jwt"}'),
  },
  {
    input: 'an issuer that nobody configured',
    check: 'issuer',
    token: () => signed({ iss: 'https://elsewhere.example' }),
  },
  { input: 'the issuer with a slash at its end', check: 'issuer', token: () => signed({ iss: `${issuer.issuer}/` }) },
  { input: 'the issuer in a list', check: 'issuer', token: () => signed({ iss: [issuer.issuer] }) },
  { input: 'no issuer', check: 'issuer', token: () => without('iss') },
  {
    input: 'the issuer of a provider that is for people only',
    check: 'issuer',
    token: () => signed(),
    provider: { for: ['people'], clientId: 'web' },
  },
  {
    input: "another configured issuer's key",
    check: 'signature',
    token: () => issuer.sign(goodClaims(), { key: other.key }),
  },
  { input: 'another audience', check: 'audience', token: () => signed({ aud: 'https://elsewhere.example' }) },
  { input: 'a part of the audience', check: 'audience', token: () => signed({ aud: AUDIENCE.slice(0, -1) }) },
  { input: 'no audience', check: 'audience', token: () => without('aud') },
  {
    input: 'this broker and another in `aud`',
    check: 'other_audience',
    token: () => signed({ aud: [AUDIENCE, 'https://x.example'] }),
  },
  { input: 'an id token of the same provider', check: 'type', token: () => signed({ nonce: 'n' }, { typ: 'JWT' }) },
  {
    input: 'an id token, where the type JWT is allowed',
    check: 'id_token',
    token: () => signed({ nonce: 'n' }, { typ: 'JWT' }),
    provider: { tokenTypes: ['jwt'] },
  },
  {
    input: 'an id token that only `at_hash` gives away',
    check: 'id_token',
    token: () => signed({ at_hash: 'x' }, { typ: 'JWT' }),
    provider: { tokenTypes: ['jwt'] },
  },
  { input: 'a logout token', check: 'type', token: () => signed({}, { typ: 'logout+jwt' }) },
  { input: 'no type', check: 'type', token: () => signed({}, { typ: undefined }) },
  { input: 'a type that is a list', check: 'type', token: () => signed({}, { typ: ['at+jwt'] }) },
  { input: 'expired', check: 'expired', token: () => signed({ iat: nowSeconds() - 400, exp: nowSeconds() - 60 }) },
  { input: 'no expiry', check: 'claim_missing', token: () => without('exp') },
  { input: 'an expiry that is a text', check: 'claim_malformed', token: () => signed({ exp: '9999999999' }) },
  { input: 'no time of issue', check: 'claim_missing', token: () => without('iat') },
  {
    input: 'issued an hour ahead',
    check: 'issued_ahead',
    token: () => signed({ iat: nowSeconds() + 3_600, exp: nowSeconds() + 3_900 }),
  },
  { input: 'not valid yet', check: 'not_yet_valid', token: () => signed({ nbf: nowSeconds() + 600 }) },
  {
    input: 'issued longer ago than tokens live',
    check: 'too_old',
    token: () => signed({ iat: nowSeconds() - 90_000 }),
  },
  { input: 'a life of more than a day', check: 'lifetime', token: () => signed({ exp: nowSeconds() + 90_000 }) },
  {
    input: 'a life longer than the settings allow',
    check: 'lifetime',
    token: () => signed({ exp: nowSeconds() + 900 }),
    provider: { tokenSecondsMax: 600 },
  },
  {
    input: 'bound to a key of its sender (DPoP), sent as plain bearer',
    check: 'bound',
    token: () => signed({ cnf: { jkt: 'x' } }),
  },
  {
    input: 'bound to a certificate (mTLS), sent as plain bearer',
    check: 'bound',
    token: () => signed({ cnf: { 'x5t#S256': 'x' } }),
  },
  { input: 'no subject', check: 'claim_missing', token: () => without('sub') },
  { input: 'an empty subject', check: 'subject', token: () => signed({ sub: '' }) },
  { input: 'a subject that hides a character', check: 'subject', token: () => signed({ sub: 'build\u202e7' }) },
  { input: 'a subject that is a number', check: 'subject', token: () => signed({ sub: 7 }) },
  { input: 'a subject of a thousand characters', check: 'subject', token: () => signed({ sub: 's'.repeat(1_000) }) },
  {
    input: 'another repository than the settings want',
    check: 'required_claim',
    token: () => signed({ repository: 'acme/shop-fork' }),
    provider: { requiredClaims: { repository: ['acme/shop'] } },
  },
  {
    input: 'no claim that the settings want',
    check: 'required_claim',
    token: () => without('jti'),
    provider: { requiredClaims: { jti: { present: true } } },
  },
  {
    input: 'a nested claim with another value',
    check: 'required_claim',
    token: () => signed({ 'kubernetes.io': { namespace: 'kube-system' } }),
    provider: { requiredClaims: { 'kubernetes.io.namespace': 'agents' } },
  },
  { input: 'a sponsor that is no name', check: 'sponsor', token: () => signed({ act: { sub: { admin: true } } }) },
  { input: 'a sponsor that hides a character', check: 'sponsor', token: () => signed({ act: { sub: 'kim\u200b' } }) },
  { input: 'a client whose `sub` is the name of a person', check: 'no_rule', token: () => person({}) },
  {
    input: 'the same, with the scopes of that person',
    check: 'no_rule',
    token: () => person({ scope: 'openid approve' }),
  },
];

async function checkOf({ token, provider = {} }: Pick<TokenCase, 'token' | 'provider'>): Promise<unknown> {
  const providers = [agentsProvider(issuer.issuer, provider), agentsProvider(other.issuer, { name: 'other' })];
  const verifier = new TokenVerifier({
    issuers: new IssuerPool({ clock: systemClock }),
    providers: () => providers,
    clock: systemClock,
  });
  try {
    const verified = await verifier.verify(await token());
    const outcome = mapIdentity(RULES, verified, 'agents');
    return 'refusal' in outcome ? outcome.refusal.why : `taken as ${outcome.principal.name}`;
  } catch (error) {
    if (!(error instanceof BrokerError) || error.code !== 'token_refused') throw error;
    return error.fields['check'];
  }
}

describe("hostile agents' tokens", () => {
  it('the control is taken', async () => {
    expect(await checkOf({ token: () => signed() })).toBe('taken as ci:build-7');
  });

  it.each(CASES)('$input: $check', async (hostile) => {
    expect(await checkOf(hostile)).toBe(hostile.check);
  });

  it('docs/sign-in-hostile-cases.md has the table of them', () => {
    const table = caseTable(CASES);
    process.stdout.write(`${table}\n${CASES.length} hostile tokens refused\n`);
    expect(documentedTable("Agents' tokens")).toBe(table);
  });
});
