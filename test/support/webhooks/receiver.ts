import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Webhook } from 'standardwebhooks';
import { afterAll } from 'vitest';

const BODY_BYTES_MAX = 1_048_576;

/** What came to a receiver, before anybody has verified it. */
export interface Arrived {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly id: string;
}

export type ReceiverAnswer = (response: ServerResponse, arrived: Arrived) => void | Promise<void>;

/** A receiver of webhooks on loopback, as anybody would write it: HTTP, and the library of the standard to verify. */
export interface WebhookReceiver {
  readonly url: string;
  readonly arrived: readonly Arrived[];
  /** How it answers from now on; at first 204. */
  answer: ReceiverAnswer;
  /** The payloads that came, each verified with a secret. @throws what the library says of the first that does not verify */
  verified(secret: string): readonly unknown[];
  close(): Promise<void>;
}

export const OK: ReceiverAnswer = (response) => void response.writeHead(204).end();

export function answerStatus(status: number, headers: Readonly<Record<string, string>> = {}): ReceiverAnswer {
  return (response) => void response.writeHead(status, headers).end();
}

/** Starts one; `tls` makes it one of https, and `port` says where it was before. */
export async function startReceiver(
  options: { readonly tls?: { readonly cert: string; readonly key: string }; readonly port?: number } = {},
): Promise<WebhookReceiver> {
  const arrived: Arrived[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const one = await read(request);
    arrived.push(one);
    await receiver.answer(response, one);
  };
  const listen = (request: IncomingMessage, response: ServerResponse): void => {
    response.on('error', () => undefined);
    serve(request, response).catch(() => response.destroy());
  };
  const server = options.tls === undefined ? createServer(listen) : createTlsServer(options.tls, listen);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a receiver listens on a port');
  const receiver: WebhookReceiver = {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}/hook`,
    arrived,
    answer: OK,
    verified: (secret) => arrived.map(({ body, headers }) => new Webhook(secret).verify(body, { ...headers })),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

/** Receivers that end with the file's tests. */
export function useReceivers(): typeof startReceiver {
  const started: WebhookReceiver[] = [];
  afterAll(async () => {
    await Promise.all(started.map((receiver) => receiver.close().catch(() => undefined)));
  });
  return async (options) => {
    const receiver = await startReceiver(options);
    started.push(receiver);
    return receiver;
  };
}

async function read(request: IncomingMessage): Promise<Arrived> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_BYTES_MAX) throw new Error('a payload is larger than a receiver takes');
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
  return {
    path: request.url ?? '',
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
    id: headers['webhook-id'] ?? '',
  };
}
