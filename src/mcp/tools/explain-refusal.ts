import { z } from 'zod';
import { agentStepOf } from '../../kernel/agent-steps.js';
import { BrokerError } from '../../kernel/errors.js';
import { ERROR_CODES, ERROR_TABLE, isErrorCode } from '../../kernel/errors/error-table.js';
import type { McpParts } from '../mcp-parts.js';
import { wordsOfAll } from '../said-words.js';
import { type McpTool, type ToolAnswer, toolOf } from '../tool.js';

const CODE_CHARACTERS_MAX = 100;

export function explainRefusal(parts: Pick<McpParts, 'protocols'>): McpTool {
  const { theTarget } = wordsOfAll(parts);
  return toolOf({
    name: 'explain_refusal',
    title: 'Explain a refusal',
    description:
      'Says what a code of the broker means and what to do next. Codes stand in round brackets at the end of its messages, as in "(statement_denied)".',
    input: z.strictObject({
      code: z.string().min(1).max(CODE_CHARACTERS_MAX).describe('The code, such as statement_held.'),
    }),
    annotations: { readOnlyHint: true, openWorldHint: false },
    run: async ({ code }) => explained(code, theTarget),
  });
}

/** @throws BrokerError `request_invalid` for a code that is none of the broker's */
function explained(code: string, theTarget: string): ToolAnswer {
  if (!isErrorCode(code)) {
    const detail = `code: is none of the broker's ${ERROR_CODES.length}. It may be ${theTarget}'s own; read its message.`;
    throw new BrokerError('request_invalid', { detail });
  }
  const { title, next, httpStatus } = ERROR_TABLE[code];
  const agent = agentStepOf(code);
  const text = [title, next, agent?.words].filter((part) => part !== undefined).join(' ');
  return { text, facts: { code, title, next, httpStatus, agent: agent ?? null } };
}
