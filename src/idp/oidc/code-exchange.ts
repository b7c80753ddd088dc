import {
  authorizationCodeGrant,
  type Configuration,
  customFetch,
  type CustomFetchOptions,
  fetchUserInfo,
} from 'openid-client';
import { claimsOfJson, textClaim } from '../../domain/identity/json-claims.js';
import { type OidcProvider } from '../../domain/identity/oidc-provider.js';
import { type Claims } from '../../domain/identity/verified-identity.js';
import { type IssuerMetadata } from '../issuer/issuer-metadata.js';
import { strictJsonIn } from '../issuer/json-answer.js';
import { type OidcIssuer } from '../issuer/oidc-issuer.js';
import { configurationOf } from './client-configuration.js';
import { readIdToken } from './id-token-checks.js';
import { refusalOf } from './library-refusal.js';
import { oidcRefused } from './oidc-checks.js';

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/;

/** What an answer is checked against. */
export interface ExchangeOptions {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/**
 * One exchange of a code for claims. The library goes out only by the guarded way, sees an id token only after it was
 * read strictly, and gets the issuer's keys from where the broker keeps them. The tokens end with the exchange.
 */
export class CodeExchange {
  readonly #provider: OidcProvider;
  readonly #issuer: OidcIssuer;
  readonly #metadata: IssuerMetadata;
  #keyId: string | null = null;

  /** `provider` has the client secret, which its issuer is not kept with. */
  constructor(provider: OidcProvider, issuer: OidcIssuer, metadata: IssuerMetadata) {
    this.#provider = provider;
    this.#issuer = issuer;
    this.#metadata = metadata;
  }

  /**
   * Verified claims of the id token, with those of userinfo where the settings want them. `callback` is the redirect
   * address with what came back in its query.
   * @throws BrokerError `signin_refused`, `signin_provider_unavailable`
   */
  async claims(callback: URL, { state, nonce, verifier }: ExchangeOptions): Promise<Claims> {
    const config = configurationOf(this.#provider, this.#metadata);
    config[customFetch] = (address, options) => this.#fetch(address, options);
    try {
      const tokens = await authorizationCodeGrant(config, callback, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = claimsOfJson(tokens.claims());
      if (claims === undefined) throw oidcRefused('malformed');
      if (!this.#provider.userInfo) return claims;
      return { ...(await this.#userInfo(config, tokens.access_token, claims)), ...claims };
    } catch (error) {
      throw refusalOf(error);
    }
  }

  async #userInfo(config: Configuration, accessToken: string, claims: Claims): Promise<Claims> {
    if (this.#metadata.userinfo_endpoint === undefined) throw oidcRefused('userinfo');
    const answer = await fetchUserInfo(config, accessToken, textClaim(claims, 'sub') ?? '');
    const members = claimsOfJson(answer);
    if (members === undefined) throw oidcRefused('userinfo');
    return members;
  }

  async #fetch(address: string, { method, headers, body, signal }: CustomFetchOptions): Promise<Response> {
    if (address === hrefOf(this.#metadata.jwks_uri)) {
      return Response.json(await this.#issuer.keys.keysFor(this.#keyId));
    }
    const response = await this.#issuer.egress.fetch(address, { method, headers, body, signal });
    if (!response.ok) return response;
    const text = await response.text();
    if (address === hrefOf(this.#metadata.token_endpoint)) this.#look(strictJsonIn(text));
    else if (JSON_TYPE.test(response.headers.get('content-type') ?? '')) strictJsonIn(text);
    return new Response(text, { status: response.status, headers: response.headers });
  }

  /** Before the library reads the answer of the token endpoint. */
  #look(answer: unknown): void {
    const token = textClaim(claimsOfJson(answer) ?? {}, 'id_token');
    if (token === null) throw oidcRefused('id_token_missing');
    this.#keyId = textClaim(readIdToken(token, this.#provider).header, 'kid');
  }
}

function hrefOf(address: string | undefined): string | undefined {
  return address === undefined ? undefined : URL.parse(address)?.href;
}
