import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { caseTable, documentedTable } from '../support/idp/case-table.js';
import {
  type LyingIssuer,
  makeKey,
  publicPem,
  type SigningKey,
  startLyingIssuer,
} from '../support/idp/lying-issuer.js';
import { type IdTokenLie, outcomeOf, type SignInCase } from '../support/idp/lying-sign-in.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/idp/providers.js';

let issuer: LyingIssuer;
let other: LyingIssuer;
let foreign: SigningKey;
let metadata: Record<string, unknown>;

beforeAll(async () => {
  [issuer, other] = await Promise.all([startLyingIssuer(), startLyingIssuer()]);
  foreign = await makeKey('key-1');
  metadata = issuer.metadata;
});
afterAll(() => Promise.all([issuer.close(), other.close()]));
beforeEach(() => {
  issuer.answers.clear();
  issuer.metadata = metadata;
  issuer.keySet = { keys: [issuer.key.jwk] };
});

const nowSeconds = () => Math.floor(Date.now() / 1000);
const JWT = { typ: 'JWT' };

/** An id token that the issuer signed, with other claims or another header. */
function signed(change: Record<string, unknown>, header: Record<string, unknown> = JWT): IdTokenLie {
  return (claims) => issuer.sign({ ...claims, ...change }, { header });
}

function withSecret(secret: () => string | Promise<string>): IdTokenLie {
  return async (claims) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(new TextEncoder().encode(await secret()));
}

const ID_TOKENS: readonly SignInCase[] = [
  { input: '`alg` is none', check: 'malformed', idToken: (claims) => new UnsecuredJWT(claims).encode() },
  {
    input: '`alg` is none, with a signature',
    check: 'algorithm',
    idToken: async (claims) => {
      const token = await issuer.sign(claims, { header: JWT });
      return [Buffer.from('{"alg":"none"}').toString('base64url'), ...token.split('.').slice(1)].join('.');
    },
  },
  { input: "HS256 with the client's secret", check: 'algorithm', idToken: withSecret(() => CLIENT_SECRET) },
  {
    input: 'HS256 with the public key as the secret',
    check: 'algorithm',
    idToken: withSecret(() => publicPem(issuer.key)),
  },
  {
    input: 'an algorithm that the provider offers and the settings do not',
    check: 'algorithm',
    provider: { algorithms: ['RS256'] },
  },
  {
    input: 'an algorithm that the settings have and the provider does not offer',
    check: 'algorithm',
    issuerLies: (lying) => {
      lying.metadata = { ...lying.metadata, id_token_signing_alg_values_supported: ['RS256'] };
    },
  },
  {
    input: 'a foreign key under the same `kid`',
    check: 'signature',
    idToken: (claims) => issuer.sign(claims, { key: foreign, header: JWT }),
  },
  {
    input: 'a changed byte of the signature',
    check: 'signature',
    idToken: async (claims) => {
      const token = await issuer.sign(claims, { header: JWT });
      return `${token.slice(0, -4)}${token.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    },
  },
  {
    input: 'a claim that was changed after signing',
    check: 'signature',
    idToken: async (claims) => {
      const [head, , signature] = (await issuer.sign(claims, { header: JWT })).split('.');
      return [head, Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url'), signature].join('.');
    },
  },
  {
    input: 'an empty signature',
    check: 'malformed',
    idToken: async (claims) => (await issuer.sign(claims)).replace(/[^.]+$/, ''),
  },
  {
    input: 'the key in the header (`jwk`)',
    check: 'key_in_header',
    idToken: (claims) => issuer.sign(claims, { key: foreign, header: { ...JWT, jwk: foreign.jwk } }),
  },
  {
    input: 'the address of the keys in the header (`jku`)',
    check: 'key_in_header',
    idToken: signed({}, { ...JWT, jku: 'https://evil.example/keys' }),
  },
  { input: 'a `kid` that nobody published', check: 'key_unknown', idToken: signed({}, { ...JWT, kid: 'key-9' }) },
  {
    input: 'a `kid` that is a path',
    check: 'key_unknown',
    idToken: signed({}, { ...JWT, kid: '../../../../dev/null' }),
  },
  {
    input: 'a key that the provider took back',
    check: 'key_unknown',
    issuerLies: (lying) => {
      lying.keySet = { keys: [{ ...lying.key.jwk, kid: 'key-2' }] };
    },
  },
  {
    input: "another provider's key",
    check: 'signature',
    idToken: (claims) => issuer.sign(claims, { key: other.key, header: JWT }),
  },
  {
    input: 'an extension that must be understood (`crit`)',
    check: 'critical_header',
    idToken: async (claims) => {
      const [, ...rest] = (await issuer.sign(claims, { header: JWT })).split('.');
      return [Buffer.from('{"alg":"ES256","kid":"key-1","crit":["exp"],"exp":1}').toString('base64url'), ...rest].join(
        '.',
      );
    },
  },
  { input: 'an access token as the id token', check: 'type', idToken: signed({}, { typ: 'at+jwt' }) },
  { input: 'a logout token as the id token', check: 'type', idToken: signed({}, { typ: 'logout+jwt' }) },
  {
    input: 'an encrypted id token',
    check: 'encrypted',
    idToken: async (claims) => `${await issuer.sign(claims)}.AA.AA`,
  },
  { input: 'something that is no token', check: 'malformed', idToken: () => 'hello' },
  { input: 'an id token of 20 KiB', check: 'too_large', idToken: signed({ fill: 'x'.repeat(20_000) }) },
  { input: 'an id token of one mebibyte', check: 'too_large', idToken: signed({ fill: 'x'.repeat(1_048_576) }) },
  {
    input: 'a claim twice, signed by the provider',
    check: 'duplicate_member',
    idToken: (claims) => issuer.signText(`${JSON.stringify(claims).slice(0, -1)},"sub":"root"}`, JWT),
  },
  { input: 'another issuer', check: 'issuer', idToken: signed({ iss: 'https://elsewhere.example' }) },
  {
    input: 'the issuer with a slash at its end',
    check: 'issuer',
    idToken: (claims) => issuer.sign({ ...claims, iss: `${issuer.issuer}/` }, { header: JWT }),
  },
  { input: 'another audience', check: 'audience', idToken: signed({ aud: 'another-client' }) },
  { input: 'no audience', check: 'claim_missing', idToken: signed({ aud: undefined }) },
  { input: 'a second audience without `azp`', check: 'audience', idToken: signed({ aud: [CLIENT_ID, 'another'] }) },
  {
    input: 'a second audience with another `azp`',
    check: 'authorized_party',
    idToken: signed({ aud: [CLIENT_ID, 'another'], azp: 'another' }),
  },
  { input: 'expired', check: 'expired', idToken: signed({ exp: nowSeconds() - 120, iat: nowSeconds() - 300 }) },
  { input: 'no expiry', check: 'claim_missing', idToken: signed({ exp: undefined }) },
  { input: 'an expiry that is a text', check: 'claim_malformed', idToken: signed({ exp: '9999999999' }) },
  { input: 'not valid yet', check: 'not_yet_valid', idToken: signed({ nbf: nowSeconds() + 600 }) },
  {
    input: 'issued an hour ahead',
    check: 'issued_ahead',
    idToken: signed({ iat: nowSeconds() + 3_600, exp: nowSeconds() + 7_200 }),
  },
  { input: 'issued an hour ago', check: 'issued_long_ago', idToken: signed({ iat: nowSeconds() - 3_600 }) },
  { input: 'no time of issue', check: 'claim_missing', idToken: signed({ iat: undefined }) },
  { input: 'no subject', check: 'claim_missing', idToken: signed({ sub: undefined }) },
  { input: 'an empty subject', check: 'subject', idToken: signed({ sub: '' }) },
  { input: 'a subject that is a number', check: 'claim_malformed', idToken: signed({ sub: 17 }) },
  { input: 'a subject that hides a character', check: 'subject', idToken: signed({ sub: 'kim\u200b' }) },
  { input: 'no nonce', check: 'claim_missing', idToken: signed({ nonce: undefined }) },
  {
    input: 'another nonce: the id token of another sign-in',
    check: 'nonce',
    idToken: signed({ nonce: 'of-another-sign-in' }),
  },
  {
    input: 'a sign-in that is older than asked for',
    check: 'authentication_age',
    options: { maxAgeSeconds: 900 },
    idToken: signed({ auth_time: nowSeconds() - 3_600 }),
  },
  {
    input: 'no time of the sign-in, where its age was asked for',
    check: 'authentication_age',
    provider: { maxAgeSeconds: 900 },
    idToken: signed({ auth_time: undefined }),
  },
  {
    input: 'a sign-in in the future',
    check: 'authentication_age',
    idToken: signed({ auth_time: nowSeconds() + 3_600 }),
  },
  { input: 'a time of the sign-in that is a text', check: 'claim_malformed', idToken: signed({ auth_time: 'now' }) },
  {
    input: 'a weaker sign-in than the settings want',
    check: 'acr',
    provider: { acrValues: ['mfa'] },
    idToken: signed({ acr: 'pwd' }),
  },
  { input: 'a sign-in that does not say how strong it was', check: 'acr', provider: { acrValues: ['mfa'] } },
  {
    input: 'groups that are an object',
    check: 'groups_malformed',
    provider: { groupsClaim: 'groups' },
    idToken: signed({ groups: { dba: true } }),
  },
  {
    input: 'groups that are a number',
    check: 'groups_malformed',
    provider: { groupsClaim: 'groups' },
    idToken: signed({ groups: 7 }),
  },
  {
    input: 'groups that are not all texts',
    check: 'groups_malformed',
    provider: { groupsClaim: 'groups' },
    idToken: signed({ groups: ['dba', { a: 1 }] }),
  },
  {
    input: 'too many groups for a token (`_claim_names`)',
    check: 'groups_elsewhere',
    provider: { groupsClaim: 'groups' },
    idToken: signed({
      groups: undefined,
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { endpoint: 'https://graph.example/me' } },
    }),
  },
];

describe('hostile id tokens', () => {
  it('the control signs in', async () => {
    expect(await outcomeOf({ input: '', check: 'state' }, issuer)).toBe('signed in as 17');
  });

  it.each(ID_TOKENS)('$input: $check', async (hostile) => {
    expect(await outcomeOf(hostile, issuer)).toBe(hostile.check);
  });

  it('docs/sign-in-hostile-cases.md has the table of them', () => {
    const table = caseTable(ID_TOKENS);
    process.stdout.write(`${table}\n${ID_TOKENS.length} hostile id tokens refused\n`);
    expect(documentedTable('OpenID Connect: id tokens')).toBe(table);
  });
});
