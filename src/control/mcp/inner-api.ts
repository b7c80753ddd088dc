import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type RequestListener,
  type Server,
} from 'node:http';
import { type Duplex, duplexPair, Readable } from 'node:stream';
import { BrokerError } from '../../kernel/errors.js';
import { problemOf } from '../http/problem.filter.js';

/** Who calls from inside: the caller of the call that is worked on. */
export interface InnerCaller {
  /** The caller's address, as the process believes it; null: it has hung up. */
  readonly address: string | null;
  /** The id of the request that is worked on: the inner ones have the same. */
  readonly request: string;
}

const NO_BODY = new Set([204, 205, 304]);

/**
 * Calls the api's own routes inside the process: over a pair of streams that begin and end in memory, through the same
 * listener as every other call, so that its guards, schemas, limits and records hold. There is no socket, file or port by
 * which anybody could come in here.
 */
export class InnerApi {
  readonly #listener: () => RequestListener;
  readonly #open = new Set<Duplex>();
  #server: Server | undefined;
  #isStopping = false;

  /** @param listener of the api's routes, asked for at the first call */
  constructor(listener: () => RequestListener) {
    this.#listener = listener;
  }

  /** `fetch` for one caller: only the path, the method, the headers and the body of a request matter, and its signal. */
  fetchFor(caller: InnerCaller): typeof fetch {
    return async (input, init) => this.#call(new Request(input, init), caller);
  }

  /** From now on calls are answered with `api_stopping`; those that run go on. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Ends the calls that still run. */
  close(): void {
    this.stop();
    for (const stream of this.#open) stream.destroy();
  }

  async #call(request: Request, caller: InnerCaller): Promise<Response> {
    const body = request.body === null ? undefined : await request.text();
    request.signal.throwIfAborted();
    if (this.#isStopping) return stoppingAnswer(request, caller);
    const stream = this.#connect(caller);
    const { pathname, search, host } = new URL(request.url);
    const outgoing = httpRequest({
      createConnection: () => stream,
      method: request.method,
      path: `${pathname}${search}`,
      headers: {
        ...Object.fromEntries(request.headers),
        host,
        'x-request-id': caller.request,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
      signal: request.signal,
    });
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    outgoing.once('response', resolve).on('error', reject).end(body);
    return responseOf(await promise);
  }

  /** One end is the client's; at the other the api serves what comes, and believes where it comes from. */
  #connect({ address }: InnerCaller): Duplex {
    const [client, server] = duplexPair();
    Object.defineProperty(server, 'remoteAddress', { value: address ?? undefined });
    this.#open.add(client);
    // Neither end notices by itself that the other is gone.
    client.once('close', () => {
      this.#open.delete(client);
      server.destroy();
    });
    server.once('close', () => client.destroy());
    this.#server ??= createServer(this.#listener());
    this.#server.emit('connection', server);
    return client;
  }
}

function responseOf(message: IncomingMessage): Response {
  const { statusCode = 500, headers } = message;
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((text): [string, string] => [name, text]),
  );
  if (NO_BODY.has(statusCode)) message.resume();
  const body = NO_BODY.has(statusCode) ? null : bodyOf(message);
  return new Response(body, { status: statusCode, headers: entries });
}

function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = Readable.toWeb(message).getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => chunks.cancel(reason),
  });
}

function stoppingAnswer({ url }: Request, { request }: InnerCaller): Response {
  const error = new BrokerError('api_stopping');
  return new Response(JSON.stringify(problemOf(error, new URL(url).pathname, request)), {
    status: error.row.httpStatus,
    headers: { 'content-type': 'application/problem+json' },
  });
}
