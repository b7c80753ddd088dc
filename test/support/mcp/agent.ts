import { Client, StreamableHTTPClientTransport, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import type { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import type { StdioClientTransport as FirstStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as FirstHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { z } from 'zod';

/** The official client in each revision, and the one of the SDK before it, which most hosts are built with. */
export const MCP_CLIENTS = ['2025-11-25', '2026-07-28', 'SDK 1'] as const;
export type McpClientName = (typeof MCP_CLIENTS)[number];

/** What a tool answered. */
export interface ToolResult {
  readonly isError: boolean;
  /** What a language model reads. */
  readonly text: string;
  /** The same as data. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface ToolCallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

/** A tool as the server describes it. */
export interface ToolShown {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: object;
  readonly annotations?: object | undefined;
}

/** An agent's host, as its MCP client lets it use a server, whatever is between the two. */
export interface McpAgent {
  /** The revision of the protocol that both agreed on. */
  readonly revision: string;
  /** What the server says about itself at the beginning. */
  readonly instructions: string;
  tools(): Promise<readonly ToolShown[]>;
  call(tool: string, args?: Readonly<Record<string, unknown>>, options?: ToolCallOptions): Promise<ToolResult>;
  resources(): Promise<readonly { readonly uri: string; readonly name: string }[]>;
  /** The text of a resource. */
  read(uri: string): Promise<string>;
  close(): Promise<void>;
}

export interface McpClientOptions {
  /** Unless told otherwise the newer revision. */
  readonly client?: McpClientName;
  /** Shows the page of an address to the host's person, who answers with a word; absent: the host cannot. */
  readonly showPage?: (url: string, message: string) => 'accept' | 'decline' | 'cancel';
}

/** The way to a server, for either SDK; the one that is not used does nothing. */
export interface McpWay {
  readonly official: StdioClientTransport | StreamableHTTPClientTransport;
  readonly first: FirstStdio | FirstHttp;
}

const INFO = { name: 'test-agent', version: '1.0.0' };
/** No call of these servers takes as long. */
const CALL_MS_MAX = 100_000;
const MODES: Readonly<Record<Exclude<McpClientName, 'SDK 1'>, VersionNegotiationMode>> = {
  '2025-11-25': 'legacy',
  '2026-07-28': { pin: '2026-07-28' },
};

/** Connects over HTTP, with a key or a token. */
export async function agentOverHttp(api: string, key: string, client?: McpClientName): Promise<McpAgent> {
  const url = new URL(`${api}/mcp`);
  const options = { requestInit: { headers: { authorization: `Bearer ${key}` } } };
  const way = { official: new StreamableHTTPClientTransport(url, options), first: new FirstHttp(url, options) };
  return connectAgent(way, client === undefined ? {} : { client });
}

/** Connects the client that is asked for. */
export async function connectAgent(
  { official, first }: McpWay,
  { client: name = '2026-07-28', showPage }: McpClientOptions,
): Promise<McpAgent> {
  if (name === 'SDK 1') {
    const client = new FirstClient(INFO);
    await client.connect(first);
    return firstAgentOf(client);
  }
  const pages = showPage === undefined ? {} : { capabilities: { elicitation: { url: {} } } };
  const client = new Client(INFO, { versionNegotiation: { mode: MODES[name] }, ...pages });
  if (showPage !== undefined) {
    client.setRequestHandler('elicitation/create', (request) => {
      const { url, message } = pageRequest.parse(request).params;
      return { action: showPage(url, message) };
    });
  }
  await client.connect(official);
  return agentOf(client);
}

const pageRequest = z.looseObject({
  params: z.looseObject({ mode: z.literal('url'), url: z.string(), message: z.string() }),
});

/** An agent of the official client, which is connected. */
export function agentOf(client: Client): McpAgent {
  return {
    revision: client.getNegotiatedProtocolVersion() ?? '',
    instructions: client.getInstructions() ?? '',
    tools: async () => (await client.listTools()).tools,
    call: async (tool, args = {}, options = {}) =>
      resultOf(await client.callTool({ name: tool, arguments: args }, requestOptions(options))),
    resources: async () => (await client.listResources()).resources,
    read: async (uri) => textIn(await client.readResource({ uri })),
    close: () => client.close(),
  };
}

function firstAgentOf(client: FirstClient): McpAgent {
  return {
    revision: '2025-11-25',
    instructions: client.getInstructions() ?? '',
    tools: async () => (await client.listTools()).tools,
    call: async (tool, args = {}, options = {}) =>
      resultOf(await client.callTool({ name: tool, arguments: args }, undefined, requestOptions(options))),
    resources: async () => (await client.listResources()).resources,
    read: async (uri) => textIn(await client.readResource({ uri })),
    close: () => client.close(),
  };
}

function requestOptions({ signal, onProgress }: ToolCallOptions) {
  return {
    timeout: CALL_MS_MAX,
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined
      ? {}
      : { onprogress: ({ message = '' }: { message?: string | undefined }) => onProgress(message) }),
  };
}

const called = z.looseObject({
  isError: z.boolean().default(false),
  content: z.array(z.looseObject({ type: z.string(), text: z.string() })).min(1),
  structuredContent: z.record(z.string(), z.unknown()),
});

function resultOf(result: unknown): ToolResult {
  const { isError, content, structuredContent } = called.parse(result);
  return { isError, text: content.map(({ text }) => text).join('\n'), facts: structuredContent };
}

const resourceRead = z.looseObject({ contents: z.array(z.looseObject({ text: z.string() })).min(1) });

function textIn(result: unknown): string {
  return resourceRead
    .parse(result)
    .contents.map(({ text }) => text)
    .join('\n');
}
