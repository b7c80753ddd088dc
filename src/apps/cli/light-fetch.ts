import type { IncomingMessage } from 'node:http';
import type { FetchCall, ApiResponse } from '../../client/api-call.js';

/**
 * What calls of the API need of `fetch`, over the HTTP of Node.js: that of the runtime takes longer to load than all else that a
 * command does before it asks. It fails as `fetch` does: with a `TypeError` whose cause says why. `onSent` is called whenever a
 * request is on its way, and nothing is left but to wait.
 */
export function lightFetch(onSent: () => void = () => undefined): FetchCall {
  return async (url, { method, headers, body, signal }) => {
    const send = senderFor(url);
    return new Promise<ApiResponse>((answered, failed) => {
      const options = { method, headers: withLength(headers, body), signal: signal ?? undefined };
      const request = send(url, options, (response) => {
        if (isRedirect(response)) {
          response.destroy();
          failed(failureOf(new Error('unexpected redirect')));
        } else answered(responseOf(response));
      });
      request.once('error', (error) => failed(failureOf(error)));
      request.once('finish', onSent);
      request.end(body);
    });
  };
}

type Send = (typeof import('node:http'))['request'];

/** An import of the module would make all that it exports, and one of that is the `WebSocket` of the runtime's fetch. */
function senderFor(url: string): Send {
  const name = url.startsWith('https:') ? 'node:https' : 'node:http';
  return process.getBuiltinModule(name).request;
}

function withLength(headers: Record<string, string>, body: string | undefined): Record<string, string> {
  if (body === undefined) return headers;
  return { ...headers, 'content-length': String(Buffer.byteLength(body)) };
}

function isRedirect({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 300 && statusCode < 400;
}

function responseOf(response: IncomingMessage): ApiResponse {
  const { statusCode: status = 0 } = response;
  return {
    status,
    ok: status >= 200 && status < 300,
    headers: {
      get(name) {
        const value = response.headers[name.toLowerCase()];
        return value === undefined ? null : String(value);
      },
    },
    text: async () => (await bytesOf(response)).toString('utf8'),
    arrayBuffer: async () => new Uint8Array(await bytesOf(response)).buffer,
    get body() {
      return process.getBuiltinModule('node:stream').Readable.toWeb(response);
    },
  };
}

/** Far more than any answer that it is used for; a broker that sends on and on would fill the memory. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** What node:stream/consumers gives too, and takes two milliseconds to begin with. */
function bytesOf(response: IncomingMessage): Promise<Buffer> {
  return new Promise((read, failed) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES_MAX) response.destroy(new Error('the answer is too large'));
    });
    response.once('end', () => read(Buffer.concat(chunks)));
    response.once('error', (error) => failed(failureOf(error)));
    response.once('close', () => failed(failureOf(new Error('the answer is not whole'))));
  });
}

function failureOf(cause: unknown): TypeError {
  return new TypeError('fetch failed', { cause });
}
