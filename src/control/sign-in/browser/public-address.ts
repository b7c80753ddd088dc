import type { Request } from 'express';
import type { ApiConfig } from '../../../config/api.js';
import { isLoopback } from '../../../kernel/loopback.js';
import { BrokerError } from '../../../kernel/errors.js';

type AddressSettings = Pick<ApiConfig, 'PUBLIC_URL' | 'API_HOST' | 'API_PORT' | 'API_TLS_CERT_FILE' | 'TRUSTED_PROXY'>;

/**
 * Where people find the api: what redirect addresses begin with and what the Origin of their browsers must be. Cookies
 * need TLS everywhere but on loopback, so it also says whether anybody can sign in.
 */
export class PublicAddress {
  readonly #settings: AddressSettings;
  #port: number;

  constructor(settings: AddressSettings) {
    this.#settings = settings;
    this.#port = settings.API_PORT;
  }

  /** The port on which the api listens, where the system chose it. */
  listensOn(port: number): void {
    this.#port = port;
  }

  /** Scheme, host and port, without a slash at the end. */
  get origin(): string {
    const { PUBLIC_URL, API_HOST, API_TLS_CERT_FILE } = this.#settings;
    if (PUBLIC_URL !== null) return PUBLIC_URL;
    const host = API_HOST.includes(':') ? `[${API_HOST}]` : API_HOST;
    const scheme = API_TLS_CERT_FILE === '' ? 'http' : 'https';
    return new URL(`${scheme}://${host}:${this.#port}`).origin;
  }

  /** The address of a path of the api. */
  of(path: `/${string}`): string {
    return `${this.origin}${path}`;
  }

  /** Why nobody can sign in here, with the setting to change; undefined when they can. */
  get fault(): string | undefined {
    const { PUBLIC_URL, API_HOST, API_TLS_CERT_FILE, TRUSTED_PROXY } = this.#settings;
    const { protocol, hostname } = new URL(this.origin);
    if (PUBLIC_URL === null && !isLoopback(API_HOST)) {
      return `PUBLIC_URL is not set, and API_HOST (${API_HOST}) is no address of this machine alone. Set PUBLIC_URL to the https address at which people reach the api.`;
    }
    if (isLoopback(bare(hostname))) return undefined;
    if (protocol !== 'https:') {
      return 'PUBLIC_URL begins with http:// and is not on loopback. Set API_TLS_CERT_FILE and API_TLS_KEY_FILE, or name in TRUSTED_PROXY the proxy at which TLS ends, and begin PUBLIC_URL with https://.';
    }
    if (API_TLS_CERT_FILE === '' && TRUSTED_PROXY.length === 0) {
      return 'PUBLIC_URL begins with https://, and the api has no TLS of its own. Set API_TLS_CERT_FILE and API_TLS_KEY_FILE, or name in TRUSTED_PROXY the proxy at which TLS ends.';
    }
    return undefined;
  }

  /** @throws BrokerError `signin_unavailable` where a cookie would cross a network in the open */
  mustBeSafe(request: Request): void {
    const { fault } = this;
    if (fault !== undefined) throw new BrokerError('signin_unavailable', { detail: fault });
    if (request.secure || isLoopback(bare(new URL(this.origin).hostname))) return;
    throw new BrokerError('signin_unavailable', {
      detail: `This request came without TLS. Open ${this.origin}; operators: TRUSTED_PROXY must name the proxy, which says X-Forwarded-Proto: https.`,
    });
  }
}

/** A host name as it stands in a URL, without the brackets of IPv6. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
