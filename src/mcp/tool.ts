import {
  type CallToolResult,
  type InputRequiredResult,
  isInputRequiredResult,
  type ToolAnnotations,
} from '@modelcontextprotocol/server';
import type { z } from 'zod';
import type { DoorwardenClient } from '../client/doorwarden-client.js';
import { BrokerError } from '../kernel/errors.js';
import type { McpParts } from './mcp-parts.js';

/** What a tool tells: the facts for programs, and a text for the model. */
export interface ToolAnswer {
  readonly text: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** The call did not do what it was asked for; `facts` say why. */
  readonly isError?: boolean;
}

/** One call of a tool, and what the tool is given to do it. */
export interface ToolCall {
  readonly parts: McpParts;
  readonly broker: DoorwardenClient;
  /** Aborted when the caller cancels the call, or has gone. */
  readonly signal: AbortSignal;
  /** Tells the caller that the call still waits, and what for; callers that did not ask for that are told nothing. */
  readonly progress: (message: string) => void;
  /** Shows a page to the person at the caller, where the caller can; what the person does with it changes nothing. */
  readonly person: PagePerson;
  /** Whether the caller takes a task in place of an answer that says to call again. */
  readonly takesTasks: boolean;
}

/** An answer that comes later; the caller asks for the task meanwhile. */
export interface TaskAnswer {
  readonly task: Readonly<Record<string, unknown>>;
}

/** What a tool gives back. */
export type ToolOutcome = ToolAnswer | TaskAnswer | InputRequiredResult;

/** The person at the caller of a tool. */
export interface PagePerson {
  /**
   * @returns what the tool has to answer so that the caller shows it and calls again; undefined: there is nothing to do
   */
  show(page: {
    readonly url: string;
    readonly message: string;
    readonly grant: string;
  }): InputRequiredResult | undefined;
  /** The grant of the call that this one repeats after `show`. */
  readonly shownFor: string | undefined;
}

/** A tool as the server offers it. */
export interface McpTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodType;
  readonly annotations: ToolAnnotations;
  /** @throws BrokerError `request_invalid` for arguments that do not fit; ApiFailure and BrokerError of what it does */
  run(args: unknown, call: ToolCall): Promise<ToolOutcome>;
}

interface ToolOf<Args> extends Omit<McpTool, 'input' | 'run'> {
  /** A strict object: an argument that does not exist is refused, not ignored. */
  readonly input: z.ZodType<Args>;
  run(args: Args, call: ToolCall): Promise<ToolOutcome>;
}

/** The tool, with its arguments checked before it runs. */
export function toolOf<Args>(tool: ToolOf<Args>): McpTool {
  return { ...tool, run: async (args, call) => tool.run(argumentsIn(tool.input, args), call) };
}

function argumentsIn<Args>(input: z.ZodType<Args>, args: unknown): Args {
  const parsed = input.safeParse(args ?? {});
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  throw new BrokerError('request_invalid', { detail: `${detail}.`, fields: { errors } });
}

/** As the protocol has it. The facts stand in the text once more: some hosts give the model the text alone. */
export function resultOf({ text, facts, isError }: ToolAnswer): CallToolResult {
  return {
    content: [
      { type: 'text', text },
      { type: 'text', text: JSON.stringify(facts) },
    ],
    structuredContent: { ...facts },
    ...(isError === true ? { isError } : {}),
  };
}

/** As the protocol has it, whichever it is. */
export function protocolResult(outcome: ToolOutcome): CallToolResult | InputRequiredResult {
  if (isInputRequiredResult(outcome)) return outcome;
  // Of a task the protocol wants no content; the SDK has no type for one, and lets it pass.
  return 'task' in outcome ? { resultType: 'task', content: [], ...outcome.task } : resultOf(outcome);
}
