import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isLoopback } from '../kernel/loopback.js';
import { type EgressReason, EgressRefusal } from './egress-refusal.js';

/** From the first look-up to the last byte. */
export const EGRESS_MS_MAX = 5_000;
export const ANSWER_BYTES_MAX = 65_536;
const HEADER_BYTES_MAX = 16_384;
/** Of what it sends. */
export const BODY_BYTES_MAX = 32_768;
const METHODS = ['GET', 'POST'];
/** A response of one of these has no body (Fetch standard, null body status). */
const BODILESS = [204, 205];

export interface EgressOptions {
  /** Where it may go: origins such as `https://id.example.com`, or anywhere. */
  readonly origins: readonly string[] | 'any';
  /** Whether it may connect to an address, as text without brackets. */
  readonly mayConnect: (address: string) => boolean;
  /** Where it may go without TLS. */
  readonly withoutTls: 'nowhere' | 'to-this-machine' | 'anywhere';
  /** What it throws when it does not go, or has no answer that can be used. */
  readonly refusal: (reason: EgressReason, cause: unknown) => Error;
  /** PEM of the authorities to trust; null: the runtime's own list. */
  readonly ca: string | null;
  /** Default: {@link EGRESS_MS_MAX}. */
  readonly msMax?: number;
  /** Default: {@link BODY_BYTES_MAX}. */
  readonly bodyBytesMax?: number;
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
 * The guarded way out, to addresses that people outside of the broker have named. It goes where it may and over TLS where it
 * must, does not follow redirects, and gives up after its time or 64 KiB. Addresses are judged where the socket gets them, so a
 * name that means another address the next time does not help anybody. No proxy of the environment is used.
 */
export class Egress {
  readonly #options: EgressOptions;

  constructor(options: EgressOptions) {
    this.#options = options;
  }

  /**
   * In the form of `fetch`, so that libraries can be given it. An answer of any status but a redirect is given.
   * @throws what `refusal` makes
   */
  readonly fetch = async (address: string, request: EgressRequest = {}): Promise<Response> => {
    const late = AbortSignal.timeout(this.#options.msMax ?? EGRESS_MS_MAX);
    const signal = request.signal === undefined ? late : AbortSignal.any([late, request.signal]);
    try {
      const url = this.#judged(address);
      const { bodyBytesMax = BODY_BYTES_MAX } = this.#options;
      return await exchange(url, { ...request, text: bodyOf(request, bodyBytesMax) }, this.#connection(url, signal));
    } catch (cause) {
      throw this.#options.refusal(signal.aborted ? 'too_slow' : reasonOf(cause), cause);
    }
  };

  #judged(address: string): URL {
    const { origins, mayConnect, withoutTls } = this.#options;
    const url = URL.parse(address);
    if (url === null || (origins !== 'any' && !origins.includes(url.origin))) {
      throw new EgressRefusal('origin_not_configured');
    }
    const host = hostOf(url);
    const isPlainAllowed = withoutTls === 'anywhere' || (withoutTls === 'to-this-machine' && isLoopback(host));
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isPlainAllowed)) {
      throw new EgressRefusal('not_encrypted');
    }
    // A socket looks no address up, and so asks nobody whether it may.
    if (isIP(host) !== 0 && !mayConnect(host)) throw new EgressRefusal('private_address');
    return url;
  }

  #connection(url: URL, signal: AbortSignal): RequestOptions {
    const { mayConnect, ca, resolve = systemAddresses } = this.#options;
    return {
      host: hostOf(url),
      signal,
      agent: false,
      lookup: judgedLookup(resolve, mayConnect),
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
function judgedLookup(resolve: AddressLookup, mayConnect: (address: string) => boolean): LookupFunction {
  return (host, { all }, answer) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) return answer(new EgressRefusal('name_unknown'), '');
        if (!addresses.every(({ address }) => mayConnect(address))) {
          return answer(new EgressRefusal('private_address'), '');
        }
        return all === true ? answer(null, [...addresses]) : answer(null, first.address, first.family);
      },
      (cause: unknown) => answer(new EgressRefusal('name_unknown', cause), ''),
    );
  };
}

function systemAddresses(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });
}

/** A request whose body is text, or none. */
interface TextRequest extends EgressRequest {
  readonly text: string | undefined;
}

async function exchange(url: URL, request: TextRequest, connection: RequestOptions): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = opened(url, request, connection);
  outgoing.once('response', resolve).once('error', reject).end(request.text);
  const incoming = await promise;
  try {
    return await responseOf(incoming);
  } finally {
    incoming.destroy();
    outgoing.destroy();
  }
}

function opened(url: URL, { method = 'GET', headers = {} }: EgressRequest, connection: RequestOptions): ClientRequest {
  if (!METHODS.includes(method)) throw new TypeError('Only GET and POST go out.');
  const options: RequestOptions = {
    ...connection,
    method,
    port: url.port,
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, 'accept-encoding': 'identity', connection: 'close' },
  };
  return url.protocol === 'https:' ? httpsRequest(options) : httpRequest(options);
}

function bodyOf({ body }: EgressRequest, bytesMax: number): string | undefined {
  if (body === undefined || body === null) return undefined;
  const text = body instanceof URLSearchParams ? body.toString() : body;
  if (typeof text !== 'string' || Buffer.byteLength(text) > bytesMax)
    throw new TypeError('A body must be a short text.');
  return text;
}

async function responseOf(incoming: IncomingMessage): Promise<Response> {
  const { statusCode: status = 0, headers } = incoming;
  if (status >= 300 && status < 400) throw new EgressRefusal('redirect');
  if (status < 200 || status > 599) throw new EgressRefusal('status');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new EgressRefusal('compressed');
  const body = await bodyIn(incoming);
  return new Response(BODILESS.includes(status) ? null : body, { status, headers: textHeaders(incoming) });
}

async function bodyIn(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) reject(new EgressRefusal('too_large'));
    else chunks.push(chunk);
  });
  incoming.once('end', resolve).once('error', reject);
  incoming.once('aborted', () => reject(new EgressRefusal('connection_failed')));
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

function reasonOf(cause: unknown): EgressReason {
  if (cause instanceof EgressRefusal) return cause.reason;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'HPE_HEADER_OVERFLOW') return 'too_large';
  return TLS_CODE.test(code) ? 'tls_untrusted' : 'connection_failed';
}
