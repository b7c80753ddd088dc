import {
  type CallToolResult,
  type InputRequiredResult,
  McpServer,
  type ServerContext,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server';
import { BrokerError } from '../kernel/errors.js';
import { failureAnswer, isForeseen } from './failure-answer.js';
import { instructionsOf } from './instructions.js';
import { CALLS_MAX } from './limits.js';
import type { McpParts } from './mcp-parts.js';
import { pagePersonOf } from './page-person.js';
import { registerGrants } from './resources.js';
import { registerTasks, TASKS, takesTasks } from './tasks.js';
import { type McpTool, protocolResult, resultOf, type ToolCall } from './tool.js';
import { toolsOf } from './tools/all-tools.js';

/** The tools of a server stay what they are; those who may use them are asked for each call. */
const LIST_TTL_MS = 300_000;

/**
 * A server for one serving unit: one connection over stdio, one request over HTTP. The same one serves the revisions
 * 2025-11-25 and 2026-07-28: `createMcpHandler` and `serveStdio` of `@modelcontextprotocol/server` tell them apart.
 */
export function mcpServer(parts: McpParts): McpServer {
  const { broker, version, admit = () => Promise.resolve() } = parts;
  const server = new McpServer(
    { name: 'doorwarden', title: 'Doorwarden', version },
    {
      instructions: instructionsOf(parts),
      capabilities: {
        tools: { listChanged: false },
        resources: { listChanged: false },
        extensions: { [TASKS]: {} },
      },
      cacheHints: { 'tools/list': { ttlMs: LIST_TTL_MS, cacheScope: 'private' } },
    },
  );
  const calls = new CallCounter();
  for (const tool of toolsOf(parts)) {
    const { name, title, description, annotations, input } = tool;
    const config = { title, description, annotations: { title, ...annotations }, inputSchema: unchecked(input) };
    server.registerTool(name, config, (args: unknown, context: ServerContext) =>
      calls.counted(() => callTool(tool, args, { server, context, parts, admit })),
    );
  }
  registerGrants(server, broker, admit);
  registerTasks(server, async (context) => {
    await admit(context.mcpReq.signal);
    return toolCall({ server, context, parts, admit }, context.mcpReq.signal);
  });
  return server;
}

/** The schema as it is listed. The tool checks its arguments itself, and answers with the broker's own error. */
function unchecked(input: McpTool['input']): StandardSchemaWithJSON {
  return { '~standard': { ...input['~standard'], validate: (value: unknown) => ({ value }) } };
}

interface ToolCalling {
  readonly server: McpServer;
  readonly context: ServerContext;
  readonly parts: McpParts;
  readonly admit: (signal: AbortSignal) => Promise<void>;
}

async function callTool(
  tool: McpTool,
  args: unknown,
  calling: ToolCalling,
): Promise<CallToolResult | InputRequiredResult> {
  const { context, parts, admit } = calling;
  const { signal } = context.mcpReq;
  const over = new AbortController();
  try {
    await admit(signal);
    const call = toolCall(calling, AbortSignal.any([signal, over.signal]));
    return protocolResult(await tool.run(args, call));
  } catch (error) {
    if (!isForeseen(error) && !signal.aborted) parts.report?.(error);
    return resultOf(failureAnswer(error));
  } finally {
    over.abort();
  }
}

/** `shown`: ends what is still shown to the person at the caller. */
function toolCall({ server, context, parts }: ToolCalling, shown: AbortSignal): ToolCall {
  return {
    parts,
    broker: parts.broker,
    signal: context.mcpReq.signal,
    progress: progressOf(context),
    person: pagePersonOf(server, context, shown),
    takesTasks: takesTasks(context),
  };
}

/** Progress counts the messages; nobody knows how many there will be. */
function progressOf({ mcpReq }: ServerContext): ToolCall['progress'] {
  const progressToken = mcpReq._meta?.progressToken;
  let progress = 0;
  return (message) => {
    if (progressToken === undefined || mcpReq.signal.aborted) return;
    progress += 1;
    const params = { progressToken, progress, message };
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined); // the caller has gone
  };
}

/** How many calls of one server run at once; each may hold a call of the API open. */
class CallCounter {
  #running = 0;

  async counted(
    call: () => Promise<CallToolResult | InputRequiredResult>,
  ): Promise<CallToolResult | InputRequiredResult> {
    if (this.#running >= CALLS_MAX) {
      const detail = `${CALLS_MAX} calls of this server are under way.`;
      return resultOf(failureAnswer(new BrokerError('too_many_requests', { detail })));
    }
    this.#running += 1;
    try {
      return await call();
    } finally {
      this.#running -= 1;
    }
  }
}
