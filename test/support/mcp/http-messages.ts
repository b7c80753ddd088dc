import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { eventsIn } from '../../../src/client/server-events.js';

/** What the MCP server answered, as it came over HTTP. */
export interface McpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON, or the JSON of the last event of a stream. */
  readonly body: unknown;
}

export interface McpPost {
  readonly key?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is a text. */
  readonly message: unknown;
  readonly signal?: AbortSignal;
}

const TYPES = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** Sends one message to the MCP server of an api, as any program could. */
export async function postMcp(api: string, { key, headers = {}, message, signal }: McpPost): Promise<McpAnswer> {
  const response = await fetch(`${api}/mcp`, {
    method: 'POST',
    headers: { ...TYPES, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers },
    body: typeof message === 'string' ? message : JSON.stringify(message),
    ...(signal === undefined ? {} : { signal }),
  });
  return { status: response.status, headers: response.headers, body: await bodyOf(response) };
}

/** The same with a header Host of one's own, which `fetch` does not let anybody choose. */
export async function statusWithHost(api: string, key: string, host: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const outgoing = httpRequest(`${api}/mcp`, {
    method: 'POST',
    headers: { ...TYPES, host, authorization: `Bearer ${key}` },
  });
  outgoing.once('response', (response) => {
    void text(response).then(() => resolve(response.statusCode ?? 0), reject);
  });
  outgoing.once('error', reject).end(JSON.stringify(PING));
  return promise;
}

/** The smallest request of the revision 2025-11-25, and what it is answered with. */
export const PING = { jsonrpc: '2.0', id: 1, method: 'ping' } as const;
export const PONG = { jsonrpc: '2.0', id: 1, result: {} } as const;

/** A request of the revision 2026-07-28 with its headers, of a client that takes these extensions. */
export function modernRequest(method: string, params: Readonly<Record<string, unknown>> = {}, extensions?: object) {
  const named = params['name'] ?? params['taskId'];
  const name = typeof named === 'string' ? { 'mcp-name': named } : {};
  const capabilities = extensions === undefined ? {} : { extensions };
  return {
    headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...name },
    message: {
      jsonrpc: '2.0',
      id: 7,
      method,
      params: { ...params, _meta: { ...MODERN_META, [CAPABILITIES]: capabilities } },
    },
  } as const;
}

const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const MODERN_META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
};

async function bodyOf(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith('text/event-stream') || response.body === null) {
    const whole = await response.text();
    return whole === '' ? undefined : JSON.parse(whole);
  }
  let last: unknown;
  for await (const { data } of eventsIn(response.body.pipeThrough(new TextDecoderStream()))) last = JSON.parse(data);
  return last;
}
