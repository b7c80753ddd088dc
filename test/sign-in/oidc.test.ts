import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEYS_FRESH_MS, KEYS_PAUSE_MS } from '../../src/idp/issuer/issuer-keys.js';
import { IssuerPool } from '../../src/idp/issuer/issuer-pool.js';
import { OidcSignIn, type OidcOpening, redirectAddress } from '../../src/idp/oidc/oidc-sign-in.js';
import { TokenVerifier } from '../../src/idp/tokens/token-verifier.js';
import { systemClock } from '../../src/kernel/clock.js';
import { BrokerError } from '../../src/kernel/errors.js';
import { type LyingIssuer, makeKey, type SigningKey, startLyingIssuer } from '../support/idp/lying-issuer.js';
import { lyingSignIn, PUBLIC_URL } from '../support/idp/lying-sign-in.js';
import { ManualClock } from '../support/idp/manual-clock.js';
import { AGENT_CLIENT, type RealProvider, startOidcProvider } from '../support/idp/oidc-provider.js';
import { agentsProvider, AUDIENCE, peopleProvider } from '../support/idp/providers.js';

const STATE = 'state-0123456789abcdef0123456789abcdef';
const REDIRECT = redirectAddress(PUBLIC_URL, 'corp');

let real: RealProvider;
let lying: LyingIssuer;
beforeAll(async () => {
  [real, lying] = await Promise.all([startOidcProvider([REDIRECT]), startLyingIssuer()]);
});
afterAll(() => Promise.all([real.close(), lying.close()]));

const newSignIn = () => new OidcSignIn({ issuers: new IssuerPool({ clock: systemClock }), clock: systemClock });
const provider = () =>
  peopleProvider(real.issuer, { scopes: ['openid', 'email', 'profile', 'groups'], groupsClaim: 'groups' });

/** The way of a person to the provider and back. */
async function backFrom(opening: OidcOpening, person = 'kim'): Promise<URL> {
  return real.signIn(opening.address(STATE), person);
}

async function refusalOf(signingIn: Promise<unknown>): Promise<unknown> {
  const error: unknown = await signingIn.then(
    () => 'signed in',
    (thrown: unknown) => thrown,
  );
  return error instanceof BrokerError ? (error.fields['check'] ?? error.code) : error;
}

describe('a sign-in with a real provider', () => {
  it('says who signed in, and keeps no token', async () => {
    const signIn = newSignIn();
    const opening = await signIn.begin(provider(), { redirectUri: REDIRECT });
    const callback = await backFrom(opening);
    expect(`${callback.origin}${callback.pathname}`).toBe(REDIRECT);
    const identity = await signIn.finish(provider(), { callback, state: STATE, remember: opening.remember });
    expect(identity).toMatchObject({
      provider: 'corp',
      kind: 'oidc',
      issuer: real.issuer,
      subject: 'kim',
      email: 'kim@example.com',
      displayName: 'Kim Doe',
      untilMs: null,
    });
    expect(identity.claims['groups']).toEqual(['dba', 'security']);
    const text = JSON.stringify(identity);
    expect(text).not.toContain('eyJ');
    expect(text).not.toContain(callback.searchParams.get('code'));
  });

  it('asks with PKCE, state and nonce, and with what the settings want', async () => {
    const opening = await newSignIn().begin(
      { ...provider(), acrValues: ['mfa', 'hwk'], maxAgeSeconds: 3_600 },
      { redirectUri: REDIRECT, maxAgeSeconds: 900, prompt: 'login' },
    );
    const asked = Object.fromEntries(new URL(opening.address(STATE)).searchParams);
    expect(asked).toMatchObject({
      response_type: 'code',
      client_id: 'doorwarden-web',
      redirect_uri: REDIRECT,
      scope: 'openid email profile groups',
      state: STATE,
      nonce: opening.remember['nonce'],
      code_challenge_method: 'S256',
      max_age: '900',
      acr_values: 'mfa hwk',
      prompt: 'login',
    });
    expect(asked['code_challenge']).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(asked)).not.toContain(opening.remember['verifier']);
  });

  it('knows when the person proved who they are, where an age was asked for', async () => {
    const signIn = newSignIn();
    const opening = await signIn.begin(provider(), { redirectUri: REDIRECT, maxAgeSeconds: 900 });
    const callback = await backFrom(opening);
    const { authAtMs } = await signIn.finish(provider(), { callback, state: STATE, remember: opening.remember });
    expect(Math.abs((authAtMs ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('has an e-mail only where the provider has verified it', async () => {
    const signIn = newSignIn();
    const opening = await signIn.begin(provider(), { redirectUri: REDIRECT });
    const callback = await backFrom(opening, 'robin');
    const identity = await signIn.finish(provider(), { callback, state: STATE, remember: opening.remember });
    expect(identity).toMatchObject({ subject: 'robin', email: null });
  });

  it('with userinfo, where the settings want it', async () => {
    const signIn = newSignIn();
    const withUserInfo = { ...provider(), userInfo: true };
    const opening = await signIn.begin(withUserInfo, { redirectUri: REDIRECT });
    const callback = await backFrom(opening);
    const identity = await signIn.finish(withUserInfo, { callback, state: STATE, remember: opening.remember });
    expect(identity.claims['groups']).toEqual(['dba', 'security']);
  });

  it('takes a code once, also of two callbacks at the same time', async () => {
    const signIn = newSignIn();
    const opening = await signIn.begin(provider(), { redirectUri: REDIRECT });
    const answer = { callback: await backFrom(opening), state: STATE, remember: opening.remember };
    const both = await Promise.allSettled([signIn.finish(provider(), answer), signIn.finish(provider(), answer)]);
    expect(both.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    expect(await refusalOf(signIn.finish(provider(), answer))).toBe('code_refused');
  });

  it('refuses a code with the verifier of another sign-in', async () => {
    const signIn = newSignIn();
    const [opening, another] = await Promise.all([
      signIn.begin(provider(), { redirectUri: REDIRECT }),
      signIn.begin(provider(), { redirectUri: REDIRECT }),
    ]);
    const callback = await backFrom(opening);
    const remember = { ...opening.remember, verifier: another.remember['verifier'] ?? '' };
    expect(await refusalOf(signIn.finish(provider(), { callback, state: STATE, remember }))).toBe('code_refused');
  });

  it("refuses another sign-in's answer by its nonce", async () => {
    const signIn = newSignIn();
    const opening = await signIn.begin(provider(), { redirectUri: REDIRECT });
    const callback = await backFrom(opening);
    const remember = { ...opening.remember, nonce: 'a-nonce-of-another-sign-in' };
    expect(await refusalOf(signIn.finish(provider(), { callback, state: STATE, remember }))).toBe('nonce');
  });

  it('is refused with a wrong secret of the client', async () => {
    const signIn = newSignIn();
    const wrong = { ...provider(), clientSecret: 'another-secret' };
    const opening = await signIn.begin(wrong, { redirectUri: REDIRECT });
    const callback = await backFrom(opening);
    expect(await refusalOf(signIn.finish(wrong, { callback, state: STATE, remember: opening.remember }))).toBe(
      'client_refused',
    );
  });
});

describe('what an identity is', () => {
  const at = (sub: string, email: string) =>
    lyingSignIn(newSignIn(), peopleProvider(lying.issuer), lying, {
      idToken: (claims) => lying.sign({ ...claims, sub, email }, { header: { typ: 'JWT' } }),
    });

  it('issuer and subject, never the e-mail: another subject with it is somebody else', async () => {
    const [before, after] = [await at('17', 'kim@example.com'), await at('18', 'kim@example.com')];
    expect([before.subject, after.subject]).toEqual(['17', '18']);
    expect([before.issuer, after.issuer]).toEqual([lying.issuer, lying.issuer]);
  });

  it.each([
    ['a text that says true', { email_verified: 'true' }],
    ['nothing', { email_verified: undefined }],
    ['a number', { email_verified: 1 }],
  ])('its e-mail is not verified by %s', async (_, change) => {
    const identity = await lyingSignIn(newSignIn(), peopleProvider(lying.issuer), lying, {
      idToken: (claims) => lying.sign({ ...claims, ...change }, { header: { typ: 'JWT' } }),
    });
    expect(identity.email).toBeNull();
  });

  it('its name is shown with what hides in it written out', async () => {
    const identity = await lyingSignIn(newSignIn(), peopleProvider(lying.issuer), lying, {
      idToken: (claims) => lying.sign({ ...claims, name: ' Kim\u202eeoD ' }, { header: { typ: 'JWT' } }),
    });
    expect(identity.displayName).toBe('Kim⟨U+202E⟩eoD');
  });

  it('may be for a second client, where this one is the authorized party', async () => {
    const identity = await lyingSignIn(newSignIn(), peopleProvider(lying.issuer), lying, {
      idToken: (claims) =>
        lying.sign({ ...claims, aud: [claims['aud'], 'x'], azp: claims['aud'] }, { header: { typ: 'JWT' } }),
    });
    expect(identity.subject).toBe('17');
  });

  it('may be signed with a new key of the provider, and with the old one while that is published too', async () => {
    const clock = new ManualClock();
    const signIn = new OidcSignIn({ issuers: new IssuerPool({ clock }), clock: systemClock });
    const next = await makeKey('key-2');
    const by = (key: SigningKey) =>
      lyingSignIn(signIn, peopleProvider(lying.issuer), lying, {
        idToken: (claims) => lying.sign(claims, { key, header: { typ: 'JWT' } }),
      });
    expect((await by(lying.key)).subject).toBe('17');
    lying.keySet = { keys: [lying.key.jwk, next.jwk] };
    expect(await refusalOf(by(next))).toBe('key_unknown'); // the keys were read a moment ago
    clock.advance(KEYS_PAUSE_MS);
    expect((await by(next)).subject).toBe('17');
    expect((await by(lying.key)).subject).toBe('17');
    lying.keySet = { keys: [next.jwk] };
    clock.advance(KEYS_FRESH_MS + 1_000);
    expect(await refusalOf(by(lying.key))).toBe('key_unknown');
    lying.keySet = { keys: [lying.key.jwk] };
  });
});

describe('a provider that is away', () => {
  it('is told before a browser is sent anywhere; one that answered before keeps its last good answer', async () => {
    const issuer = await startLyingIssuer();
    const clock = new ManualClock();
    const signIn = new OidcSignIn({ issuers: new IssuerPool({ clock }), clock });
    const settings = peopleProvider(issuer.issuer);
    await signIn.begin(settings, { redirectUri: REDIRECT });
    await issuer.close();
    clock.advance(3_700_000);
    expect((await signIn.begin(settings, { redirectUri: REDIRECT })).address(STATE)).toContain(issuer.issuer);
    expect(await refusalOf(newSignIn().begin(settings, { redirectUri: REDIRECT }))).toBe('signin_provider_unavailable');
  });
});

describe("an agent's token of the same provider", () => {
  const verifier = (change = {}) => {
    const providers = [agentsProvider(real.issuer, change)];
    return new TokenVerifier({
      issuers: new IssuerPool({ clock: systemClock }),
      providers: () => providers,
      clock: systemClock,
    });
  };

  it('by client credentials is taken, and names the client', async () => {
    const verified = await verifier().verify(await real.agentToken());
    expect(verified).toMatchObject({ provider: 'ci', subject: AGENT_CLIENT.id, sponsor: null });
    expect(verified.claims['aud']).toBe(AUDIENCE);
    expect(verified.tokenId).toEqual(expect.any(String));
  });

  it('is refused where it is for another audience', async () => {
    expect(await refusalOf(verifier({ audience: 'https://elsewhere' }).verify(await real.agentToken()))).toBe(
      'audience',
    );
  });
});
