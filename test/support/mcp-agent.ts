import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { z } from 'zod';
import { makeTemporaryFolder, ROOT } from './folders.js';

/** What a tool answered, as an agent's program reads it. */
export interface ToolTold {
  readonly isError: boolean;
  /** What a language model reads. */
  readonly text: string;
  /** The same as data. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** An agent that has the tools of the MCP server, and nothing else. */
export interface McpAgent {
  readonly tools: readonly string[];
  /** What the server says about itself at the beginning. */
  readonly instructions: string;
  call(tool: string, args?: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<ToolTold>;
  close(): Promise<void>;
}

/** A command as a client's configuration has it. */
export interface McpCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Undefined: the older revision, 2025-11-25. */
type Revision = '2026-07-28' | undefined;

/** Starts a server as a client does that has it in its configuration. */
export function agentOverCommand({ command, args, env }: McpCommand, revision?: Revision): Promise<McpAgent> {
  // Files of connections belong into a home of the test's own.
  const home = { HOME: makeTemporaryFolder(), PATH: process.env['PATH'] ?? '' };
  const transport = new StdioClientTransport({ command, args: [...args], env: { ...home, ...env }, stderr: 'ignore' });
  return agentOver(transport, revision);
}

/** The command of the built command line, with what it takes from its environment. */
export function mcpCommand(api: string, key: string): McpCommand {
  return {
    command: process.execPath,
    args: [join(ROOT, 'dist', 'apps', 'cli', 'main.js'), 'mcp'],
    env: { DOORWARDEN_API: api, DOORWARDEN_API_KEY: key },
  };
}

export function agentOverHttp(api: string, key: string, revision?: Revision): Promise<McpAgent> {
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  return agentOver(new StreamableHTTPClientTransport(new URL(`${api}/mcp`), { requestInit }), revision);
}

const toolTold = z.looseObject({
  isError: z.boolean().default(false),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  structuredContent: z.record(z.string(), z.unknown()).default({}),
});

async function agentOver(
  transport: StdioClientTransport | StreamableHTTPClientTransport,
  revision: Revision,
): Promise<McpAgent> {
  const client = new Client(
    { name: 'scripted-agent', version: '1' },
    { versionNegotiation: { mode: revision === undefined ? 'legacy' : { pin: revision } } },
  );
  await client.connect(transport);
  const { tools } = await client.listTools();
  return {
    tools: tools.map(({ name }) => name),
    instructions: client.getInstructions() ?? '',
    async call(tool, args = {}, signal) {
      const answer = await client.callTool(
        { name: tool, arguments: { ...args } },
        signal === undefined ? {} : { signal },
      );
      const { isError, content, structuredContent } = toolTold.parse(answer);
      return { isError, text: content.map(({ text = '' }) => text).join('\n'), facts: structuredContent };
    },
    close: () => client.close(),
  };
}
