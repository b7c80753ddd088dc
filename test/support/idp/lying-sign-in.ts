import { type UnavailableReason } from '../../../src/idp/provider-unavailable.js';
import { IssuerPool } from '../../../src/idp/issuer/issuer-pool.js';
import { type OidcCheck } from '../../../src/idp/oidc/oidc-checks.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { BrokerError } from '../../../src/kernel/errors.js';
import type { ErrorCode } from '../../../src/kernel/errors/error-table.js';
import { type VerifiedIdentity } from '../../../src/domain/identity/verified-identity.js';
import { type OidcProvider } from '../../../src/domain/identity/oidc-provider.js';
import { OidcSignIn, type OidcSignInOptions, redirectAddress } from '../../../src/idp/oidc/oidc-sign-in.js';
import { type Answer, type LyingIssuer, sendJson } from './lying-issuer.js';
import { CLIENT_ID, peopleProvider } from './providers.js';

export const PUBLIC_URL = 'http://127.0.0.1:8080';
const STATE = 'state-of-this-browser-0123456789abcdef';

export type IdTokenLie = (claims: Record<string, unknown>) => string | Promise<string>;

/** What the provider lies about in one sign-in; what is absent is as it should be. */
export interface SignInLies {
  /** The id token instead of the good one, by its claims. */
  readonly idToken?: IdTokenLie;
  /** The whole answer of the token endpoint, by the good one. */
  readonly answer?: (good: Record<string, unknown>) => unknown;
  /** What the token endpoint does instead of answering. */
  readonly endpoint?: Answer;
  /** What userinfo says. */
  readonly userInfo?: Record<string, unknown>;
  /** What the browser brings back. */
  readonly callback?: (parameters: URLSearchParams) => void;
  readonly options?: Partial<OidcSignInOptions>;
  readonly remember?: (remember: Record<string, string>) => void;
}

/** What a good id token says in this sign-in. */
export function goodIdClaims(issuer: LyingIssuer, nonce: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer.issuer,
    aud: CLIENT_ID,
    sub: '17',
    nonce,
    iat: now,
    exp: now + 300,
    auth_time: now - 10,
    email: 'kim@example.com',
    email_verified: true,
    name: 'Kim Doe',
    groups: ['dba'],
  };
}

/** A whole sign-in at an issuer that lies. */
export async function lyingSignIn(
  signIn: OidcSignIn,
  provider: OidcProvider,
  issuer: LyingIssuer,
  lies: SignInLies = {},
): Promise<VerifiedIdentity> {
  const redirectUri = redirectAddress(PUBLIC_URL, provider.name);
  const opening = await signIn.begin(provider, { redirectUri, ...lies.options });
  const asked = new URL(opening.address(STATE)).searchParams;
  const claims = goodIdClaims(issuer, asked.get('nonce') ?? '');
  const token = await (lies.idToken ?? ((good) => issuer.sign(good, { header: { typ: 'JWT' } })))(claims);
  const good = { access_token: 'access', token_type: 'Bearer', expires_in: 60, id_token: token };
  issuer.answers.set('/token', lies.endpoint ?? ((_, response) => sendJson(response, lies.answer?.(good) ?? good)));
  if (lies.userInfo !== undefined) issuer.answers.set('/userinfo', (_, response) => sendJson(response, lies.userInfo));
  const callback = new URL(redirectUri);
  callback.search = new URLSearchParams({ code: 'code', state: STATE, iss: issuer.issuer }).toString();
  lies.callback?.(callback.searchParams);
  const remember = { ...opening.remember };
  lies.remember?.(remember);
  return signIn.finish(provider, { callback, state: STATE, remember });
}

/** A hostile sign-in, and the check that refuses it. */
export interface SignInCase extends SignInLies {
  readonly input: string;
  readonly check: OidcCheck | UnavailableReason | ErrorCode;
  readonly provider?: Partial<OidcProvider>;
  readonly issuerLies?: (lying: LyingIssuer) => void;
}

/** The check, reason or code that refuses it, or who signed in. */
export async function outcomeOf(
  { provider = {}, issuerLies, ...lies }: SignInCase,
  issuer: LyingIssuer,
): Promise<string> {
  issuerLies?.(issuer);
  const signIn = new OidcSignIn({ issuers: new IssuerPool({ clock: systemClock }), clock: systemClock });
  try {
    const { subject } = await lyingSignIn(signIn, peopleProvider(issuer.issuer, provider), issuer, lies);
    return `signed in as ${subject}`;
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    if (error.detail !== undefined) return `told with words of its own: ${error.detail}`;
    const { check, reason } = error.fields;
    return [check, reason].find((word) => typeof word === 'string') ?? error.code;
  }
}
