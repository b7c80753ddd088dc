import { type JWTPayload } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OidcProvider } from '../../src/domain/identity/oidc-provider.js';
import { DISCOVERY_PAUSE_MS } from '../../src/idp/issuer/oidc-issuer.js';
import { KEYS_FRESH_MS, KEYS_GOOD_MS, KEYS_PAUSE_MS } from '../../src/idp/issuer/issuer-keys.js';
import { IssuerPool } from '../../src/idp/issuer/issuer-pool.js';
import { TokenVerifier } from '../../src/idp/tokens/token-verifier.js';
import { VERIFIED_MS_MAX } from '../../src/idp/tokens/verified-token.js';
import { BrokerError } from '../../src/kernel/errors.js';
import { type LyingIssuer, makeKey, sendJson, sendText, startLyingIssuer } from '../support/idp/lying-issuer.js';
import { ManualClock } from '../support/idp/manual-clock.js';
import { agentsProvider, AUDIENCE } from '../support/idp/providers.js';

const DISCOVERY = '/.well-known/openid-configuration';

let issuer: LyingIssuer;
let clock: ManualClock;
beforeEach(async () => {
  issuer = await startLyingIssuer();
  clock = new ManualClock();
});
afterEach(() => issuer.close());

/** What a good token says, at the clock's time. */
function goodClaims(): JWTPayload {
  const now = Math.floor(clock.nowMs() / 1000);
  return { iss: issuer.issuer, aud: AUDIENCE, sub: 'build-7', iat: now, exp: now + 3_000, jti: `j${now}` };
}

const signed = (change: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
  issuer.sign({ ...goodClaims(), ...change }, { header });

function verifierOf(...providers: readonly OidcProvider[]): TokenVerifier {
  return new TokenVerifier({ issuers: new IssuerPool({ clock }), providers: () => providers, clock });
}

/** `taken`, or the check that refuses it. */
async function outcome(verifier: TokenVerifier, token: string): Promise<unknown> {
  try {
    await verifier.verify(token);
    return 'taken';
  } catch (error) {
    return error instanceof BrokerError ? error.fields['check'] : error;
  }
}

/** Why the provider could not be used. */
async function causeOf(verifier: TokenVerifier, token: string): Promise<unknown> {
  try {
    await verifier.verify(token);
    return 'taken';
  } catch (error) {
    const cause = error instanceof BrokerError ? error.cause : undefined;
    return cause instanceof BrokerError ? cause.fields['reason'] : error;
  }
}

describe('a good token', () => {
  it('says who sent it, and nothing of the token itself', async () => {
    const claims = { ...goodClaims(), jti: 'j1', act: { sub: 'kim@example.com' }, groups: ['ci'] };
    expect(await verifierOf(agentsProvider(issuer.issuer)).verify(await issuer.sign(claims))).toEqual({
      provider: 'ci',
      kind: 'oidc',
      issuer: issuer.issuer,
      subject: 'build-7',
      claims,
      authAtMs: null,
      acr: null,
      amr: [],
      email: null,
      displayName: null,
      untilMs: Number(claims.exp) * 1000,
      providerSession: null,
      tokenId: 'j1',
      sponsor: { name: 'kim@example.com', isClaim: true },
    });
  });

  it.each<[string, Partial<OidcProvider>, Record<string, unknown>, Record<string, unknown>]>([
    ['its type in capital letters, with its prefix', {}, {}, { typ: 'application/AT+JWT' }],
    ['no type, where none is allowed', { tokenTypes: ['none'] }, {}, { typ: undefined }],
    ['this broker in a list of one', {}, { aud: [AUDIENCE] }, {}],
    [
      'another audience that is configured',
      { otherAudiences: ['https://api'] },
      { aud: ['https://api', AUDIENCE] },
      {},
    ],
    ['a clock 20 seconds ahead', {}, { iat: Math.floor(Date.now() / 1000) + 20 }, {}],
    [
      'a longer life, where it is configured',
      { tokenSecondsMax: 200_000 },
      { exp: Math.floor(Date.now() / 1000) + 180_000 },
      {},
    ],
    [
      'all claims that the settings want',
      { requiredClaims: { environment: ['prod', 'stage'], jti: { present: true }, 'a.b': 7 } },
      { environment: 'prod', a: { b: 7 } },
      {},
    ],
  ])('may have %s', async (_, change, claims, header) => {
    expect(await outcome(verifierOf(agentsProvider(issuer.issuer, change)), await signed(claims, header))).toBe(
      'taken',
    );
  });

  it('may have no key id, where the issuer has one key only', async () => {
    const verifier = verifierOf(agentsProvider(issuer.issuer));
    expect(await outcome(verifier, await signed({}, { kid: undefined }))).toBe('taken');
  });

  it('has its sponsor where the settings say', async () => {
    const verifier = verifierOf(agentsProvider(issuer.issuer, { sponsorClaim: 'user_login' }));
    const verified = await verifier.verify(await signed({ user_login: 'kim', act: { sub: 'other' } }));
    expect(verified.sponsor).toEqual({ name: 'kim', isClaim: true });
    expect((await verifier.verify(await signed({ jti: 'x' }))).sponsor).toBeNull();
  });

  it('goes to the provider of its audience, where two have one issuer', async () => {
    const verifier = verifierOf(
      agentsProvider(issuer.issuer, { name: 'one', audience: 'https://one' }),
      agentsProvider(issuer.issuer, { name: 'two', audience: 'https://two' }),
    );
    expect((await verifier.verify(await signed({ aud: 'https://two' }))).provider).toBe('two');
    expect(await outcome(verifier, await signed({ aud: 'https://three' }))).toBe('audience');
  });
});

describe('a token that was verified a moment ago', () => {
  it('costs the provider nothing, and is verified again after thirty seconds', async () => {
    const verifier = verifierOf(agentsProvider(issuer.issuer));
    const token = await signed();
    expect(await verifier.verify(token)).toBe(await verifier.verify(token));
    issuer.keySet = { keys: [] }; // the key was taken back
    clock.advance(VERIFIED_MS_MAX - 1_000);
    expect(await outcome(verifier, token)).toBe('taken');
    clock.advance(KEYS_FRESH_MS);
    expect(await outcome(verifier, token)).toBe('key_unknown');
  });

  it('is not taken after it has expired', async () => {
    const verifier = verifierOf(agentsProvider(issuer.issuer));
    const now = Math.floor(clock.nowMs() / 1000);
    const token = await signed({ iat: now - 10, exp: now + 5 });
    expect(await outcome(verifier, token)).toBe('taken');
    clock.advance(40_000); // past the expiry and what the clocks may differ
    expect(await outcome(verifier, token)).toBe('expired');
  });

  it('is verified by the new settings when they have changed', async () => {
    const providers = [agentsProvider(issuer.issuer)];
    const verifier = new TokenVerifier({ issuers: new IssuerPool({ clock }), providers: () => providers, clock });
    const token = await signed();
    expect(await outcome(verifier, token)).toBe('taken');
    providers[0] = agentsProvider(issuer.issuer, { requiredClaims: { environment: 'prod' } });
    verifier.forget();
    expect(await outcome(verifier, token)).toBe('required_claim');
  });

  it('does not help another token of its sender', async () => {
    const verifier = verifierOf(agentsProvider(issuer.issuer));
    const token = await signed();
    expect(await outcome(verifier, token)).toBe('taken');
    expect(await outcome(verifier, `${token.slice(0, -4)}AAAA`)).toBe('signature');
  });
});

describe("an issuer's keys", () => {
  it('are read once for many tokens, and again for a key that is not among them', async () => {
    const verifier = verifierOf(agentsProvider(issuer.issuer));
    const tokens = await Promise.all([...Array(20).keys()].map((number) => signed({ jti: `j${number}` })));
    expect(new Set(await Promise.all(tokens.map((token) => outcome(verifier, token))))).toEqual(new Set(['taken']));
    expect(issuer.asked('/keys')).toBe(1);

    const next = await makeKey('key-2');
    const rotated = await issuer.sign(goodClaims(), { key: next });
    issuer.keySet = { keys: [issuer.key.jwk, next.jwk] }; // the old key is still there, as it is while keys rotate
    clock.advance(KEYS_PAUSE_MS);
    expect(await outcome(verifier, rotated)).toBe('taken');
    expect(await outcome(verifier, await signed({ jti: 'old' }))).toBe('taken');
    expect(issuer.asked('/keys')).toBe(2);
  });

  it('are read every thirty seconds at most, however many unknown keys are named', async () => {
    const verifier = verifierOf(agentsProvider(issuer.issuer));
    expect(await outcome(verifier, await signed())).toBe('taken');
    clock.advance(KEYS_PAUSE_MS);
    for (const kid of ['a', 'b', 'c', 'd'])
      expect(await outcome(verifier, await signed({}, { kid }))).toBe('key_unknown');
    expect(issuer.asked('/keys')).toBe(2);
    clock.advance(KEYS_PAUSE_MS - 1_000);
    expect(await outcome(verifier, await signed({}, { kid: 'e' }))).toBe('key_unknown');
    expect(issuer.asked('/keys')).toBe(2);
    expect(await outcome(verifier, await signed({ jti: 'known' }))).toBe('taken');
  });

  it('that are taken back stop within five minutes', async () => {
    const verifier = verifierOf(agentsProvider(issuer.issuer));
    expect(await outcome(verifier, await signed())).toBe('taken');
    const next = await makeKey('key-2');
    issuer.keySet = { keys: [next.jwk] };
    clock.advance(KEYS_FRESH_MS + 1_000);
    expect(await outcome(verifier, await signed({ jti: 'late' }))).toBe('key_unknown');
  });

  it('serve for an hour while the provider is away, and then no more', async () => {
    const verifier = verifierOf(agentsProvider(issuer.issuer));
    expect(await outcome(verifier, await signed())).toBe('taken');
    issuer.answers.set('/keys', (request) => request.socket.destroy());
    issuer.answers.set(DISCOVERY, (request) => request.socket.destroy());
    clock.advance(KEYS_GOOD_MS - 60_000);
    expect(await outcome(verifier, await signed({ jti: 'before' }))).toBe('taken');
    expect(issuer.asked('/keys')).toBe(2); // it was asked, and did not answer
    clock.advance(120_000);
    expect(await outcome(verifier, await signed({ jti: 'after' }))).toBe('provider_unavailable');
    issuer.answers.clear();
    clock.advance(KEYS_PAUSE_MS);
    expect(await outcome(verifier, await signed({ jti: 'back' }))).toBe('taken');
  });

  it('that are bad now do not push out the good ones, nor serve themselves', async () => {
    const verifier = verifierOf(agentsProvider(issuer.issuer));
    expect(await outcome(verifier, await signed())).toBe('taken');
    const foreign = await makeKey('key-9');
    issuer.keySet = { keys: [foreign.jwk, foreign.jwk] };
    clock.advance(KEYS_PAUSE_MS);
    expect(await outcome(verifier, await issuer.sign(goodClaims(), { key: foreign }))).toBe('key_unknown');
    expect(await outcome(verifier, await signed({ jti: 'good' }))).toBe('taken');
  });

  it('are the same with and without the client secret of the provider', async () => {
    const pool = new IssuerPool({ clock });
    const provider = agentsProvider(issuer.issuer, { clientId: 'web' });
    const first = pool.issuerOf(provider);
    expect(pool.issuerOf({ ...provider, clientSecret: 'secret' })).toBe(first);
    expect(pool.issuerOf({ ...provider, clientId: 'other' })).not.toBe(first);
    expect(JSON.stringify(pool.issuerOf({ ...provider, clientSecret: 'secret' }).provider)).not.toContain('secret');
  });

  it('of other settings begin again with nothing', async () => {
    const providers = [agentsProvider(issuer.issuer)];
    const verifier = new TokenVerifier({ issuers: new IssuerPool({ clock }), providers: () => providers, clock });
    expect(await outcome(verifier, await signed())).toBe('taken');
    providers[0] = agentsProvider(issuer.issuer, { jwksUri: `${issuer.issuer}/other` });
    expect(await outcome(verifier, await signed({ jti: 'x' }))).toBe('provider_unavailable');
  });
});

describe('a provider that lies about its keys', () => {
  it.each<[string, string, (issuer: LyingIssuer) => void | Promise<void>]>([
    [
      'a thousand keys',
      'too_large',
      async (lying) => {
        const { jwk } = await makeKey('k', 'RS256');
        lying.keySet = { keys: Array.from({ length: 1_000 }, (_, index) => ({ ...jwk, kid: `k${index}` })) };
      },
    ],
    [
      'a hundred and one keys',
      'keys_invalid',
      (lying) => {
        lying.keySet = { keys: Array.from({ length: 101 }, (_, index) => ({ ...lying.key.jwk, kid: `k${index}` })) };
      },
    ],
    [
      'a private key',
      'keys_invalid',
      (lying) => {
        lying.keySet = { keys: [{ ...lying.key.jwk, d: 'AAAA' }] };
      },
    ],
    [
      'a shared secret',
      'keys_invalid',
      (lying) => {
        lying.keySet = { keys: [lying.key.jwk, { kty: 'oct', kid: 's', k: 'AAAA' }] };
      },
    ],
    [
      'two keys of one id',
      'keys_invalid',
      async (lying) => {
        lying.keySet = { keys: [lying.key.jwk, (await makeKey(lying.key.kid)).jwk] };
      },
    ],
    [
      'a key id that is a list',
      'keys_invalid',
      (lying) => {
        lying.keySet = { keys: [{ ...lying.key.jwk, kid: ['key-1'] }] };
      },
    ],
    [
      'keys that are no list',
      'keys_invalid',
      (lying) => {
        lying.keySet = { keys: { 0: lying.key.jwk } };
      },
    ],
    [
      'its keys twice',
      'duplicate_member',
      (lying) => {
        const keys = JSON.stringify([lying.key.jwk]);
        lying.answers.set('/keys', (_, response) => sendText(response, `{"keys":[],"keys":${keys}}`));
      },
    ],
    ['a page', 'not_json', (lying) => void lying.answers.set('/keys', (_, response) => sendText(response, '<html>'))],
    ['an error', 'status', (lying) => void lying.answers.set('/keys', (_, response) => sendJson(response, {}, 500))],
    [
      'a redirect to the cloud that it runs in',
      'redirect',
      (lying) =>
        void lying.answers.set('/keys', (_, response) =>
          response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end(),
        ),
    ],
    [
      'keys of another origin',
      'origin_not_configured',
      (lying) => {
        lying.metadata = { ...lying.metadata, jwks_uri: 'http://169.254.169.254/keys' };
      },
    ],
    [
      'another issuer in discovery',
      'other_issuer',
      (lying) => {
        lying.metadata = { ...lying.metadata, issuer: 'https://elsewhere.example' };
      },
    ],
    [
      'its issuer with a slash at the end',
      'other_issuer',
      (lying) => {
        lying.metadata = { ...lying.metadata, issuer: `${lying.issuer}/` };
      },
    ],
    [
      'no address of its keys',
      'metadata_incomplete',
      (lying) => {
        lying.metadata = { issuer: lying.issuer };
      },
    ],
    [
      'nothing at all',
      'status',
      (lying) => void lying.answers.set(DISCOVERY, (_, response) => response.writeHead(503).end()),
    ],
  ])('and shows %s gets none of its tokens taken: %s', async (_, reason, lie) => {
    await lie(issuer);
    const verifier = verifierOf(agentsProvider(issuer.issuer));
    expect(await outcome(verifier, await signed())).toBe('provider_unavailable');
    expect(await causeOf(verifier, await signed({ jti: 'again' }))).toBe(reason);
  });

  it('is not asked again at once', async () => {
    issuer.answers.set(DISCOVERY, (_, response) => response.writeHead(503).end());
    const pool = new IssuerPool({ clock });
    const provider = agentsProvider(issuer.issuer);
    expect([...(await pool.warm([provider])).keys()]).toEqual(['ci']);
    expect([...(await pool.warm([provider])).keys()]).toEqual(['ci']);
    expect(issuer.asked(DISCOVERY)).toBe(1);
    issuer.answers.clear();
    clock.advance(DISCOVERY_PAUSE_MS);
    expect((await pool.warm([provider])).size).toBe(0);
  });
});
