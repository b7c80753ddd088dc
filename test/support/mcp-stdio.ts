import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { vi } from 'vitest';
import { z } from 'zod';
import { ROOT } from './folders.js';

const PROGRAM = join(ROOT, 'dist/apps/cli/main.js');

/** The official client in each revision, and the one of the first SDK, which most hosts are built with. */
export const MCP_CLIENTS = ['2025-11-25', '2026-07-28', 'first SDK'] as const;
export type McpClientName = (typeof MCP_CLIENTS)[number];

/** What a tool answered. */
export interface ToldAnswer {
  readonly isError: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface McpCallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

/** A host with `doorwarden mcp` as its server. */
export interface McpHost {
  /** The revision that both sides speak. */
  readonly revision: string | undefined;
  readonly instructions: string | undefined;
  /** DOORWARDEN_HOME of the server. */
  readonly home: string;
  readonly pid: number | null;
  tools(): Promise<
    readonly { readonly name: string; readonly inputSchema: object; readonly annotations?: object | undefined }[]
  >;
  call(name: string, args?: Readonly<Record<string, unknown>>, options?: McpCallOptions): Promise<ToldAnswer>;
  resources(): Promise<readonly { readonly uri: string; readonly name: string }[]>;
  read(uri: string): Promise<string>;
  /** What the server has written to standard error until now. */
  told(): string;
  close(): Promise<void>;
}

export interface McpHostOptions {
  readonly client?: McpClientName;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Shows the page of an address to the host's person, who answers with a word; absent: the host cannot. */
  readonly showPage?: (url: string, message: string) => 'accept' | 'decline' | 'cancel';
}

const toolResult = z.looseObject({
  isError: z.boolean().optional(),
  structuredContent: z.record(z.string(), z.unknown()),
  content: z.array(z.looseObject({ type: z.string(), text: z.string() })).min(1),
});
const pageRequest = z.looseObject({
  params: z.looseObject({ mode: z.literal('url'), url: z.string(), message: z.string() }),
});

/** Starts the built `doorwarden mcp`, and connects as a host does. `home`: given to a server that goes on where one was. */
export async function startMcpHost(options: McpHostOptions, home?: string): Promise<McpHost> {
  const folder = home ?? (await mkdtemp(join(tmpdir(), 'doorwarden-mcp-')));
  const parameters = {
    command: process.execPath,
    args: [PROGRAM, 'mcp', ...(options.args ?? [])],
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, DOORWARDEN_HOME: join(folder, 'doorwarden'), ...options.env },
    stderr: 'pipe' as const,
  };
  const host = options.client === 'first SDK' ? await firstHost(parameters) : await officialHost(parameters, options);
  return {
    ...host,
    home: join(folder, 'doorwarden'),
    close: async () => {
      await host.close();
      if (home === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

type Parameters = ConstructorParameters<typeof StdioClientTransport>[0];

async function officialHost(parameters: Parameters, { client: name = '2026-07-28', showPage }: McpHostOptions) {
  const mode = name === '2025-11-25' ? 'legacy' : { pin: '2026-07-28' };
  const capabilities = showPage === undefined ? {} : { elicitation: { url: {} } };
  const client = new Client({ name: 'test-host', version: '1.0.0' }, { versionNegotiation: { mode }, capabilities });
  if (showPage !== undefined) {
    client.setRequestHandler('elicitation/create', (request) => {
      const { url, message } = pageRequest.parse(request).params;
      return { action: showPage(url, message) };
    });
  }
  const transport = new StdioClientTransport(parameters);
  const told = collected(transport.stderr);
  await client.connect(transport);
  return {
    revision: client.getNegotiatedProtocolVersion(),
    instructions: client.getInstructions(),
    pid: transport.pid,
    tools: async () => (await client.listTools()).tools,
    call: async (tool: string, args: Readonly<Record<string, unknown>> = {}, options: McpCallOptions = {}) =>
      toldAnswer(await client.callTool({ name: tool, arguments: args }, requestOptions(options))),
    resources: async () => (await client.listResources()).resources,
    read: async (uri: string) => textIn(await client.readResource({ uri })),
    told,
    close: () => client.close(),
  };
}

async function firstHost(parameters: Parameters) {
  const client = new FirstClient({ name: 'test-host', version: '1.0.0' });
  const transport = new FirstTransport(parameters);
  const told = collected(transport.stderr);
  await client.connect(transport);
  return {
    revision: '2025-11-25',
    instructions: client.getInstructions(),
    pid: transport.pid,
    tools: async () => (await client.listTools()).tools,
    call: async (tool: string, args: Readonly<Record<string, unknown>> = {}, options: McpCallOptions = {}) =>
      toldAnswer(await client.callTool({ name: tool, arguments: args }, undefined, requestOptions(options))),
    resources: async () => (await client.listResources()).resources,
    read: async (uri: string) => textIn(await client.readResource({ uri })),
    told,
    close: () => client.close(),
  };
}

function requestOptions({ signal, onProgress }: McpCallOptions) {
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined
      ? {}
      : { onprogress: ({ message = '' }: { message?: string | undefined }) => onProgress(message) }),
  };
}

function toldAnswer(result: unknown): ToldAnswer {
  const { isError = false, structuredContent, content } = toolResult.parse(result);
  return { isError, facts: structuredContent, text: content[0]?.text ?? '' };
}

function textIn(result: unknown): string {
  const read = z.looseObject({ contents: z.array(z.looseObject({ text: z.string() })).min(1) }).parse(result);
  return read.contents[0]?.text ?? '';
}

function collected(stream: unknown): () => string {
  const chunks: string[] = [];
  const readable = stream as Readable | null;
  readable?.setEncoding('utf8').on('data', (chunk: string) => void chunks.push(chunk));
  return () => chunks.join('');
}

/** A server whose standard streams a test speaks to itself. */
export interface RawMcp {
  readonly child: ChildProcessWithoutNullStreams;
  /** All of its standard output until now. */
  readonly said: () => string;
  readonly send: (message: object) => void;
  /** The answer to the request of that id, once it is there. */
  readonly answer: (id: number) => Promise<Readonly<Record<string, unknown>>>;
}

export function startRawMcp(env: Readonly<Record<string, string>>): RawMcp {
  const child = spawn(process.execPath, [PROGRAM, 'mcp'], { env });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  child.stderr.resume();
  const found = (id: number) =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)))
      .find((message) => message['id'] === id && message['method'] === undefined);
  return {
    child,
    said: () => out,
    send: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    answer: (id) =>
      vi.waitFor(
        () => {
          const message = found(id);
          if (message === undefined) throw new Error(`There is no answer ${id} in: ${out}`);
          return message;
        },
        { timeout: 60_000, interval: 50 },
      ),
  };
}
