import { buildAuthorizationUrl, calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier } from 'openid-client';
import { z } from 'zod';
import { type OidcProvider } from '../../domain/identity/oidc-provider.js';
import { type VerifiedIdentity } from '../../domain/identity/verified-identity.js';
import { type Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { providerUnavailable } from '../provider-unavailable.js';
import { type IssuerPool } from '../issuer/issuer-pool.js';
import { checkCallback } from './callback-checks.js';
import { configurationOf } from './client-configuration.js';
import { CodeExchange } from './code-exchange.js';
import { authenticatedAtMs, checkIssuedAt } from './id-token-checks.js';
import { oidcRefused } from './oidc-checks.js';
import { personOf } from './person-claims.js';

/** How long a person may take at the provider. */
export const SIGN_IN_MS_MAX = 600_000;

export interface OidcSignInOptions {
  /** See {@link redirectAddress}. */
  readonly redirectUri: string;
  /** How long ago the person may have proved who they are; the provider's own setting holds as well. */
  readonly maxAgeSeconds?: number | undefined;
  /** `login`: the person proves it again. `select_account`: they choose who they are. */
  readonly prompt?: 'login' | 'select_account' | undefined;
}

/** A sign-in that begins. */
export interface OidcOpening {
  /** What the provider's answer is checked against, to be kept on this side until then. It has secrets. */
  readonly remember: Readonly<Record<string, string>>;
  /** Where the browser goes. The state is a secret by which the kept things are found again. */
  readonly address: (state: string) => string;
}

/** What came back, and what was kept of the beginning. */
export interface OidcAnswer {
  /** The callback's address, with its query. */
  readonly callback: URL;
  readonly state: string;
  readonly remember: Readonly<Record<string, string>>;
}

const remembered = z.object({
  provider: z.string(),
  issuer: z.string(),
  redirectUri: z.url(),
  nonce: z.string().min(16),
  verifier: z.string().min(43),
  maxAgeSeconds: z.string().regex(/^\d*$/),
  begunAtMs: z.string().regex(/^\d+$/),
});

/** Each provider has its own, so that an answer of one cannot be taken for another's. */
export function redirectAddress(publicUrl: string, provider: string): string {
  return new URL(`/auth/oidc/${encodeURIComponent(provider)}/callback`, publicUrl).href;
}

/** Signs people in by OpenID Connect: the code flow with PKCE, state and nonce. */
export class OidcSignIn {
  readonly #issuers: IssuerPool;
  readonly #clock: Clock;

  constructor({ issuers, clock }: { readonly issuers: IssuerPool; readonly clock: Clock }) {
    this.#issuers = issuers;
    this.#clock = clock;
  }

  /** @throws BrokerError `signin_provider_unavailable` */
  async begin(provider: OidcProvider, { redirectUri, maxAgeSeconds, prompt }: OidcSignInOptions): Promise<OidcOpening> {
    const metadata = await this.#issuers.issuerOf(provider).metadata();
    if (metadata.authorization_endpoint === undefined) throw providerUnavailable('metadata_incomplete');
    const config = configurationOf(provider, metadata);
    const [nonce, verifier] = [randomNonce(), randomPKCECodeVerifier()];
    const maxAge = [provider.maxAgeSeconds, maxAgeSeconds].filter((age) => typeof age === 'number');
    const maxAgeText = maxAge.length === 0 ? '' : String(Math.min(...maxAge));
    const parameters = {
      redirect_uri: redirectUri,
      scope: provider.scopes.join(' '),
      nonce,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(maxAgeText === '' ? {} : { max_age: maxAgeText }),
      ...(provider.acrValues.length === 0 ? {} : { acr_values: provider.acrValues.join(' ') }),
      ...(prompt === undefined ? {} : { prompt }),
    };
    return {
      remember: {
        provider: provider.name,
        issuer: provider.issuer,
        redirectUri,
        nonce,
        verifier,
        maxAgeSeconds: maxAgeText,
        begunAtMs: String(this.#clock.nowMs()),
      },
      address: (state) => buildAuthorizationUrl(config, { ...parameters, state }).href,
    };
  }

  /**
   * Who signed in. The provider's tokens are used here and kept nowhere.
   * @throws BrokerError `signin_refused`, `signin_expired`, `signin_not_started_here`, `signin_provider_unavailable`
   */
  async finish(provider: OidcProvider, { callback, state, remember }: OidcAnswer): Promise<VerifiedIdentity> {
    const { data: begun } = remembered.safeParse(remember);
    if (begun === undefined) throw new BrokerError('signin_not_started_here');
    if (begun.provider !== provider.name || begun.issuer !== provider.issuer) throw oidcRefused('other_provider');
    const begunAtMs = Number(begun.begunAtMs);
    if (this.#clock.nowMs() - begunAtMs > SIGN_IN_MS_MAX) throw new BrokerError('signin_expired');

    const issuer = this.#issuers.issuerOf(provider);
    const metadata = await issuer.metadata();
    checkCallback(callback.searchParams, state, metadata);
    // The address that the provider was given, whatever this request was sent to.
    const answered = new URL(begun.redirectUri);
    answered.search = callback.search;
    const claims = await new CodeExchange(provider, issuer, metadata).claims(answered, { ...begun, state });

    const nowMs = this.#clock.nowMs();
    checkIssuedAt(claims, nowMs);
    const maxAgeSeconds = begun.maxAgeSeconds === '' ? null : Number(begun.maxAgeSeconds);
    return personOf(claims, provider, authenticatedAtMs(claims, { begunAtMs, maxAgeSeconds }, nowMs));
  }
}
