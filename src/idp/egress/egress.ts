import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { BrokerError } from '../../kernel/errors.js';
import { isLoopback } from '../../kernel/loopback.js';
import { mayConnect } from './address-rules.js';
import { providerUnavailable } from './provider-unavailable.js';

/** From the first look-up to the last byte. */
export const EGRESS_MS_MAX = 5_000;
export const ANSWER_BYTES_MAX = 65_536;
const HEADER_BYTES_MAX = 16_384;
const BODY_BYTES_MAX = 32_768;
const METHODS = ['GET', 'POST'];
/** A response of one of these has no body (Fetch standard, null body status). */
const BODILESS = [204, 205];

export interface EgressOptions {
  /** Where it may go: origins such as `https://id.example.com`. */
  readonly origins: readonly string[];
  readonly allowPrivateAddresses: boolean;
  /** PEM of the authorities to trust; null: the runtime's own list. */
  readonly ca: string | null;
  /** Default: {@link EGRESS_MS_MAX}. */
  readonly msMax?: number;
  /** Default: the machine's own names. */
  readonly resolve?: AddressLookup;
}

/** All addresses of a host name. */
export type AddressLookup = (host: string) => Promise<readonly LookupAddress[]>;

/** What a caller asks for; a library's further options do not count. */
export interface EgressRequest {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The only way by which identity code reaches out. It goes to the configured origins alone, over TLS (without it on this
 * machine only), does not follow redirects, and gives up after five seconds or 64 KiB. Addresses
 * are judged where the socket gets them, so a name that means another address the next time does not help anybody.
 * No proxy of the environment is used.
 */
export class Egress {
  readonly #options: EgressOptions;

  constructor(options: EgressOptions) {
    this.#options = options;
  }

  /**
   * In the form of `fetch`, so that libraries can be given it.
   * @throws BrokerError `signin_provider_unavailable` with a reason
   */
  readonly fetch = async (address: string, request: EgressRequest = {}): Promise<Response> => {
    const url = this.#judged(address);
    const late = AbortSignal.timeout(this.#options.msMax ?? EGRESS_MS_MAX);
    const signal = request.signal === undefined ? late : AbortSignal.any([late, request.signal]);
    try {
      return await exchange(url, request, this.#connection(url, signal));
    } catch (cause) {
      throw signal.aborted ? providerUnavailable('too_slow', cause) : reasoned(cause);
    }
  };

  #judged(address: string): URL {
    const { origins, allowPrivateAddresses } = this.#options;
    const url = URL.parse(address);
    if (url === null || !origins.includes(url.origin)) throw providerUnavailable('origin_not_configured');
    const host = hostOf(url);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(host))) {
      throw providerUnavailable('not_encrypted');
    }
    // A socket looks no address up, and so asks nobody whether it may.
    if (isIP(host) !== 0 && !mayConnect(host, allowPrivateAddresses)) throw providerUnavailable('private_address');
    return url;
  }

  #connection(url: URL, signal: AbortSignal): RequestOptions {
    const { allowPrivateAddresses, ca, resolve = systemAddresses } = this.#options;
    return {
      host: hostOf(url),
      signal,
      agent: false,
      lookup: judgedLookup(resolve, allowPrivateAddresses),
      maxHeaderSize: HEADER_BYTES_MAX,
      // Written out: an environment variable could switch it off.
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(ca === null ? {} : { ca }),
    };
  }
}

/** A literal of IPv6 without its brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** A look-up that gives a socket no address to which it may not go: one bad address refuses the name. */
function judgedLookup(resolve: AddressLookup, allowPrivateAddresses: boolean): LookupFunction {
  return (host, { all }, answer) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) return answer(providerUnavailable('name_unknown'), '');
        if (!addresses.every(({ address }) => mayConnect(address, allowPrivateAddresses))) {
          return answer(providerUnavailable('private_address'), '');
        }
        return all === true ? answer(null, [...addresses]) : answer(null, first.address, first.family);
      },
      (cause: unknown) => answer(providerUnavailable('name_unknown', cause), ''),
    );
  };
}

function systemAddresses(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });
}

async function exchange(url: URL, request: EgressRequest, connection: RequestOptions): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = opened(url, request, connection);
  outgoing.once('response', resolve).once('error', reject).end(bodyOf(request));
  const incoming = await promise;
  try {
    return await responseOf(incoming);
  } finally {
    incoming.destroy();
    outgoing.destroy();
  }
}

function opened(url: URL, { method = 'GET', headers = {} }: EgressRequest, connection: RequestOptions): ClientRequest {
  if (!METHODS.includes(method)) throw new TypeError('Identity code may only GET and POST.');
  const options: RequestOptions = {
    ...connection,
    method,
    port: url.port,
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, 'accept-encoding': 'identity', connection: 'close' },
  };
  return url.protocol === 'https:' ? httpsRequest(options) : httpRequest(options);
}

function bodyOf({ body }: EgressRequest): string | undefined {
  if (body === undefined || body === null) return undefined;
  const text = body instanceof URLSearchParams ? body.toString() : body;
  if (typeof text !== 'string' || text.length > BODY_BYTES_MAX) throw new TypeError('A body must be a short text.');
  return text;
}

async function responseOf(incoming: IncomingMessage): Promise<Response> {
  const { statusCode: status = 0, headers } = incoming;
  if (status >= 300 && status < 400) throw providerUnavailable('redirect');
  if (status < 200 || status > 599) throw providerUnavailable('status');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw providerUnavailable('compressed');
  const body = await bodyIn(incoming);
  return new Response(BODILESS.includes(status) ? null : body, { status, headers: textHeaders(incoming) });
}

async function bodyIn(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) reject(providerUnavailable('too_large'));
    else chunks.push(chunk);
  });
  incoming.once('end', resolve).once('error', reject);
  incoming.once('aborted', () => reject(providerUnavailable('connection_failed')));
  await promise;
  return Buffer.concat(chunks);
}

function textHeaders({ headers }: IncomingMessage): Headers {
  const kept = new Headers();
  for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') kept.set(name, value);
  return kept;
}

/** Codes of Node.js by which a peer's certificate is refused begin with one of these, or name it. */
const TLS_CODE = /^(?:ERR_TLS|ERR_SSL|CERT|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|EPROTO)/;

function reasoned(cause: unknown): BrokerError {
  if (cause instanceof BrokerError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'HPE_HEADER_OVERFLOW') return providerUnavailable('too_large', cause);
  return providerUnavailable(TLS_CODE.test(code) ? 'tls_untrusted' : 'connection_failed', cause);
}
