import { createMcpHandler, INVALID_REQUEST } from '@modelcontextprotocol/server';
import { toNodeHandler } from '@modelcontextprotocol/node';
import type { Request, Response } from 'express';
import { NO_RETRY } from '../../client/api-retry.js';
import { connectDoorwarden } from '../../client/doorwarden-client.js';
import { assert } from '../../kernel/assert.js';
import { ANSWER_MS_MAX } from '../../mcp/limits.js';
import type { McpParts } from '../../mcp/mcp-parts.js';
import { mcpServer } from '../../mcp/mcp-server.js';
import type { StatementRunner } from '../../protocol/statement-runner.js';
import type { Caller } from '../http/access.js';
import { callOrigin } from '../http/call-origin.js';
import { bearerOf } from '../identity/api-key.js';
import type { KnownProtocols } from '../modules/known-protocols.js';
import type { PublicAddress } from '../sign-in/browser/public-address.js';
import {
  CancelWatch,
  newSessionFor,
  type RunningMessage,
  type SentMessage,
  SESSION_HEADER,
  sessionIn,
} from './cancel-watch.js';
import { StatementPlaces } from './statement-places.js';
import type { InnerApi } from './inner-api.js';
import type { KeptConnections } from './kept-connections.js';

/** The largest message to the MCP server. */
export const MCP_BODY_BYTES_MAX = 100 * 1024;
/** Proxies end streams on which nothing comes for a minute, and some sooner. */
const KEEP_ALIVE_MS = 10_000;
/** An answer that is not there so long after the api was told to stop will not come. */
const STOP_MS_MAX = 5_000;

interface McpLog {
  debug(fields: object, message: string): void;
}

export interface McpExchangesParts {
  readonly inner: InnerApi;
  readonly kept: KeptConnections;
  readonly address: PublicAddress;
  readonly version: string;
  readonly protocols: Pick<KnownProtocols, 'told'>;
  /** Absent: this build runs no statements, or the operator has switched that off. */
  readonly statements: StatementRunner | undefined;
  readonly log: McpLog;
}

/**
 * Messages of agents and the answers to them. Each message has a server of its own, which calls the api with the agent's own
 * credential: nothing is remembered from one to the next, so that any api can answer any of them.
 */
export class McpExchanges {
  readonly #parts: McpExchangesParts;
  readonly #answering = new Set<Response>();
  readonly #cancels = new CancelWatch();
  readonly #places = new StatementPlaces();

  constructor(parts: McpExchangesParts) {
    this.#parts = parts;
  }

  /** Returns when the answer is out or the agent has hung up; then nothing waits for it any more. */
  async serve(caller: Caller, request: Request, response: Response): Promise<void> {
    const parts = this.#partsFor(caller, request);
    const handler = createMcpHandler(() => mcpServer(parts), {
      // A stream from the start, so that something comes while the answer waits for people.
      responseMode: 'sse',
      keepAliveMs: KEEP_ALIVE_MS,
      maxRequestBodySize: MCP_BODY_BYTES_MAX,
      maxSubscriptions: 0, // nothing is ever announced on them, and they would stay open
      onerror: ({ message }) => this.#parts.log.debug({ reason: message }, 'a message to the MCP server was refused'),
    });
    let running: RunningMessage | undefined;
    const fetch = async (incoming: globalThis.Request): Promise<globalThis.Response> => {
      const message = await this.#messageIn(caller, incoming);
      if (Array.isArray(message.body)) return batchRefused();
      const session = newSessionFor(message);
      if (session !== undefined) response.setHeader(SESSION_HEADER, session);
      this.#cancels.note(message);
      running = this.#cancels.begin(message);
      const signal = AbortSignal.any([incoming.signal, running.signal]);
      return handler.fetch(new globalThis.Request(incoming, { signal }));
    };
    response.setHeader('X-Accel-Buffering', 'no');
    // It is never used, and may be anything: with one that is no host the message could not even be read.
    request.headers.host = 'localhost';
    this.#answering.add(response);
    try {
      await toNodeHandler({ fetch }, { maxRequestBodySize: MCP_BODY_BYTES_MAX })(request, response);
    } finally {
      running?.end();
      this.#answering.delete(response);
      await handler.close();
    }
  }

  async #messageIn({ id }: Caller, incoming: globalThis.Request): Promise<SentMessage> {
    const session = sessionIn(incoming.headers.get(SESSION_HEADER));
    return { principal: id, session, body: jsonOrNothing(await incoming.clone().text()) };
  }

  /** The api stops: what waits is told so, and what does not end in a moment is broken off. */
  stop(): void {
    this.#parts.inner.stop();
    setTimeout(() => {
      for (const response of this.#answering) response.destroy();
      this.#parts.inner.close();
    }, STOP_MS_MAX).unref();
  }

  #partsFor(caller: Caller, request: Request): McpParts {
    const { inner, kept, address, version, protocols, statements } = this.#parts;
    const key = bearerOf(request.headers.authorization);
    const origin = callOrigin();
    assert(key !== undefined && origin !== undefined, 'an agent comes with its credential, in a call');
    return {
      broker: connectDoorwarden({
        api: address.origin,
        credential: key,
        fetch: inner.fetchFor(origin),
        retry: NO_RETRY,
        lateMsMax: ANSWER_MS_MAX,
      }),
      version,
      keeper: {
        take: (grantId) => kept.take(caller, grantId),
        connectionOf: (grantId) => kept.connectionOf(caller, grantId),
        forget: () => Promise.resolve(), // nothing is kept
      },
      protocols: protocols.told(),
      ...(statements === undefined ? {} : { statements: this.#places.runnerFor(caller.id, statements) }),
      runsStatements: statements !== undefined,
      pageOf: (approvalId) => (address.fault === undefined ? address.of(`/approvals/${approvalId}`) : null),
    };
  }
}

/** What is no JSON, the handler refuses itself. */
function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Neither revision has them, and one call would be any number of messages. */
function batchRefused(): globalThis.Response {
  const error = { code: INVALID_REQUEST, message: 'Send one message in each call: there are no batches.' };
  return globalThis.Response.json({ jsonrpc: '2.0', error, id: null }, { status: 400 });
}
