import { Client, StreamableHTTPClientTransport, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { z } from 'zod';

/** What a tool answered. */
export interface ToolResult {
  readonly isError: boolean;
  readonly text: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface ToolCallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

/** An agent's host, as its MCP client lets it use a server. */
export interface McpAgent {
  /** The revision of the protocol that both agreed on. */
  readonly revision: string;
  toolNames(): Promise<readonly string[]>;
  call(tool: string, args?: Readonly<Record<string, unknown>>, options?: ToolCallOptions): Promise<ToolResult>;
  /** The text of a resource. */
  read(uri: string): Promise<string>;
  close(): Promise<void>;
}

/** The official client in both revisions, and the client of the SDK before. */
export const MCP_CLIENTS = ['2025-11-25', '2026-07-28', 'SDK 1'] as const;
export type McpClientName = (typeof MCP_CLIENTS)[number];

const INFO = { name: 'test-agent', version: '1.0.0' };
/** No call of these servers takes as long. */
const CALL_MS_MAX = 100_000;
const MODES: Readonly<Record<Exclude<McpClientName, 'SDK 1'>, VersionNegotiationMode>> = {
  '2025-11-25': 'legacy',
  '2026-07-28': { pin: '2026-07-28' },
};

/** Connects over HTTP, with a key or a token. */
export async function connectMcpAgent(name: McpClientName, api: string, key: string): Promise<McpAgent> {
  const url = new URL(`${api}/mcp`);
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  if (name === 'SDK 1') return connectFirst(url, requestInit);
  const client = new Client(INFO, { versionNegotiation: { mode: MODES[name] } });
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  return agentOf(client);
}

/** An agent of the official client, whatever its transport. */
export function agentOf(client: Client): McpAgent {
  return {
    revision: client.getNegotiatedProtocolVersion() ?? '',
    toolNames: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (tool, args = {}, options = {}) =>
      resultOf(await client.callTool({ name: tool, arguments: args }, requestOptions(options))),
    read: async (uri) => textIn((await client.readResource({ uri })).contents),
    close: () => client.close(),
  };
}

async function connectFirst(url: URL, requestInit: RequestInit): Promise<McpAgent> {
  const client = new FirstClient(INFO);
  await client.connect(new FirstTransport(url, { requestInit }));
  return firstAgentOf(client, '2025-11-25');
}

/** An agent of the client of the SDK before, whatever its transport. */
export function firstAgentOf(client: FirstClient, revision: string): McpAgent {
  return {
    revision,
    toolNames: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (tool, args = {}, options = {}) =>
      resultOf(await client.callTool({ name: tool, arguments: args }, undefined, requestOptions(options))),
    read: async (uri) => textIn((await client.readResource({ uri })).contents),
    close: () => client.close(),
  };
}

function requestOptions({ signal, onProgress }: ToolCallOptions) {
  return {
    timeout: CALL_MS_MAX,
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined
      ? {}
      : { onprogress: ({ message }: { message?: string | undefined }) => onProgress(message ?? '') }),
  };
}

const called = z.object({
  isError: z.boolean().default(false),
  content: z.array(z.looseObject({ text: z.string().default('') })),
  structuredContent: z.record(z.string(), z.unknown()).default({}),
});

function resultOf(result: unknown): ToolResult {
  const { isError, content, structuredContent } = called.parse(result);
  return { isError, text: content.map(({ text }) => text).join('\n'), facts: structuredContent };
}

function textIn(contents: readonly object[]): string {
  return contents.map((content) => String(Reflect.get(content, 'text') ?? '')).join('\n');
}
