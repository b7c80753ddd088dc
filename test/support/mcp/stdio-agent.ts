import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { StdioClientTransport as FirstStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { PROGRAM } from '../command-line.js';
import { COMPILED, makeTemporaryFolder } from '../folders.js';
import { connectAgent, type McpAgent, type McpClientOptions } from './agent.js';

/** A command as a host's configuration has it. */
export interface McpCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** An agent whose host has started its server. */
export interface StdioAgent extends McpAgent {
  /** DOORWARDEN_HOME of the server. */
  readonly home: string;
  readonly pid: number | null;
  /** What the server has written to standard error until now. */
  told(): string;
}

export interface StdioAgentOptions extends McpClientOptions {
  /** HOME of a server that goes on where another was; otherwise it gets one of its own. */
  readonly folder?: string;
}

/** The built `doorwarden mcp`, with what it takes from its environment. */
export function mcpCommand(env: Readonly<Record<string, string>>, args: readonly string[] = []): McpCommand {
  return { command: process.execPath, args: [PROGRAM, 'mcp', ...args], env };
}

/** Starts a server as a host does that has it in its configuration, and connects. */
export async function agentOverStdio(
  { command, args, env }: McpCommand,
  { folder, ...options }: StdioAgentOptions = {},
): Promise<StdioAgent> {
  const place = folder ?? makeTemporaryFolder();
  const home = join(place, 'doorwarden');
  const parameters = {
    command,
    args: [...args],
    env: { PATH: process.env['PATH'] ?? '', ...COMPILED, HOME: place, DOORWARDEN_HOME: home, ...env },
    stderr: 'pipe' as const,
  };
  const way = { official: new StdioClientTransport(parameters), first: new FirstStdio(parameters) };
  const transport = options.client === 'SDK 1' ? way.first : way.official;
  const told = collected(transport.stderr);
  const agent = await connectAgent(way, options);
  return {
    ...agent,
    home,
    pid: transport.pid,
    told,
    close: async () => {
      await agent.close();
      if (folder === undefined) await rm(place, { recursive: true, force: true });
    },
  };
}

function collected(stream: unknown): () => string {
  const chunks: string[] = [];
  const readable = stream as Readable | null;
  readable?.setEncoding('utf8').on('data', (chunk: string) => void chunks.push(chunk));
  return () => chunks.join('');
}
