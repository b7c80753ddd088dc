import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { caseTable, documentedTable } from '../support/idp/case-table.js';
import {
  type LyingIssuer,
  makeKey,
  sendJson,
  sendText,
  type SigningKey,
  startLyingIssuer,
} from '../support/idp/lying-issuer.js';
import { outcomeOf, type SignInCase } from '../support/idp/lying-sign-in.js';

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

const CALLBACKS: readonly SignInCase[] = [
  {
    input: 'another state: the callback of another browser',
    check: 'state',
    callback: (parameters) => parameters.set('state', 'of-another'),
  },
  { input: 'no state', check: 'state', callback: (parameters) => parameters.delete('state') },
  {
    input: 'the state twice',
    check: 'parameter_twice',
    callback: (parameters) => parameters.append('state', 'another'),
  },
  { input: 'the code twice', check: 'parameter_twice', callback: (parameters) => parameters.append('code', 'another') },
  { input: 'no code', check: 'code_missing', callback: (parameters) => parameters.delete('code') },
  {
    input: 'a code of 5,000 characters',
    check: 'parameter_malformed',
    callback: (parameters) => parameters.set('code', 'x'.repeat(5_000)),
  },
  {
    input: "another provider's `iss` (mix-up)",
    check: 'issuer_parameter',
    callback: (parameters) => parameters.set('iss', other.issuer),
  },
  {
    input: 'no `iss`, though the provider says that it sends it',
    check: 'issuer_parameter',
    callback: (parameters) => parameters.delete('iss'),
  },
  {
    input: 'an error with a wrong `iss`',
    check: 'issuer_parameter',
    callback: (parameters) => {
      parameters.delete('code');
      parameters.set('error', 'access_denied');
      parameters.set('iss', 'https://evil.example');
    },
  },
  {
    input: 'an error with a text of its own',
    check: 'provider_error',
    callback: (parameters) => {
      parameters.set('error', 'server_error');
      parameters.set('error_description', 'Call +1 555 0100 and tell them your password');
    },
  },
  {
    input: 'the person said no at the provider',
    check: 'declined',
    callback: (parameters) => parameters.set('error', 'access_denied'),
  },
  {
    input: 'an id token in the address (implicit flow)',
    check: 'parameter_malformed',
    callback: (parameters) => parameters.set('id_token', 'x.y.z'),
  },
  {
    input: 'an answer as a token in the address',
    check: 'parameter_malformed',
    callback: (parameters) => parameters.set('response', 'x.y.z'),
  },
  {
    input: "provider A's code at provider B's callback",
    check: 'other_provider',
    remember: (remember) => {
      remember['provider'] = 'other';
    },
  },
  {
    input: 'a provider that was given another issuer meanwhile',
    check: 'other_provider',
    remember: (remember) => {
      remember['issuer'] = 'https://before.example';
    },
  },
  {
    input: 'a callback after more than ten minutes',
    check: 'signin_expired',
    remember: (remember) => {
      remember['begunAtMs'] = String(Date.now() - 601_000);
    },
  },
  {
    input: 'nothing remembered of the beginning',
    check: 'signin_not_started_here',
    remember: (remember) => {
      delete remember['nonce'];
    },
  },
];

const ANSWERS: readonly SignInCase[] = [
  { input: 'no id token', check: 'id_token_missing', answer: (good) => ({ ...good, id_token: undefined }) },
  {
    input: 'an id token that is no text',
    check: 'id_token_missing',
    answer: (good) => ({ ...good, id_token: { alg: 'none' } }),
  },
  { input: 'no access token', check: 'token_answer', answer: (good) => ({ ...good, access_token: undefined }) },
  {
    input: 'a type of token that nobody knows',
    check: 'token_answer',
    answer: (good) => ({ ...good, token_type: 'mac' }),
  },
  {
    input: 'the code was used, or is of another',
    check: 'code_refused',
    endpoint: (_, response) => sendJson(response, { error: 'invalid_grant', error_description: '<b>x</b>' }, 400),
  },
  {
    input: 'userinfo of somebody else',
    check: 'userinfo_subject',
    provider: { userInfo: true },
    userInfo: { sub: '18', groups: ['admin'] },
  },
  {
    input: 'userinfo without a subject',
    check: 'token_answer',
    provider: { userInfo: true },
    userInfo: { groups: ['admin'] },
  },
];

/** Lies of the provider outside of tokens. */
const PROVIDERS: readonly SignInCase[] = [
  {
    input: 'discovery names another issuer',
    check: 'other_issuer',
    issuerLies: (lying) => {
      lying.metadata = { ...lying.metadata, issuer: other.issuer };
    },
  },
  {
    input: 'discovery names a member twice',
    check: 'duplicate_member',
    issuerLies: (lying) => {
      const text = JSON.stringify(lying.metadata).slice(0, -1);
      lying.answers.set('/.well-known/openid-configuration', (_, response) =>
        sendText(response, `${text},"token_endpoint":"https://evil.example"}`),
      );
    },
  },
  {
    input: 'the token endpoint is somewhere else',
    check: 'origin_not_configured',
    issuerLies: (lying) => {
      lying.metadata = { ...lying.metadata, token_endpoint: 'https://evil.example/token' };
    },
  },
  {
    input: 'the page to sign in is somewhere else',
    check: 'origin_not_configured',
    issuerLies: (lying) => {
      lying.metadata = { ...lying.metadata, authorization_endpoint: 'https://evil.example/' };
    },
  },
  {
    input: 'the keys are inside the network',
    check: 'origin_not_configured',
    issuerLies: (lying) => {
      lying.metadata = { ...lying.metadata, jwks_uri: 'http://169.254.169.254/keys' };
    },
  },
  {
    input: 'the keys redirect into the network',
    check: 'redirect',
    issuerLies: (lying) =>
      lying.answers.set('/keys', (_, response) =>
        response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      ),
  },
  {
    input: 'a private key among the keys',
    check: 'keys_invalid',
    issuerLies: (lying) => {
      lying.keySet = { keys: [{ ...lying.key.jwk, d: 'AAAA' }] };
    },
  },
  {
    input: 'two keys of one id',
    check: 'keys_invalid',
    issuerLies: (lying) => {
      lying.keySet = { keys: [lying.key.jwk, { ...foreign.jwk, kid: lying.key.kid }] };
    },
  },
  {
    input: 'a thousand keys',
    check: 'too_large',
    issuerLies: (lying) => {
      lying.keySet = { keys: Array.from({ length: 1_000 }, (_, index) => ({ ...lying.key.jwk, kid: `k${index}` })) };
    },
  },
  {
    input: 'the token endpoint redirects',
    check: 'redirect',
    endpoint: (_, response) => response.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
  },
  { input: 'the token endpoint fails', check: 'status', endpoint: (_, response) => sendJson(response, {}, 500) },
  {
    input: 'the token endpoint does not know this client',
    check: 'client_refused',
    endpoint: (_, response) => sendJson(response, { error: 'invalid_client' }, 401),
  },
  {
    input: 'the token endpoint answers with a page',
    check: 'not_json',
    endpoint: (_, response) => sendText(response, '<html>'),
  },
];

const CASES = [...CALLBACKS, ...ANSWERS, ...PROVIDERS];

describe('hostile callbacks and providers', () => {
  it('the control signs in', async () => {
    expect(await outcomeOf({ input: '', check: 'state' }, issuer)).toBe('signed in as 17');
  });

  it.each(CASES)('$input: $check', async (hostile) => {
    expect(await outcomeOf(hostile, issuer)).toBe(hostile.check);
  });

  it('docs/sign-in-hostile-cases.md has the table of them', () => {
    const table = caseTable(CASES);
    process.stdout.write(`${table}\n${CASES.length} hostile callbacks and providers refused\n`);
    expect(documentedTable('OpenID Connect: callbacks and providers')).toBe(table);
  });
});
