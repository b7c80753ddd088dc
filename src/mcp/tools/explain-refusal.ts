import { z } from 'zod';
import { agentStepOf } from '../../kernel/agent-steps.js';
import { BrokerError } from '../../kernel/errors.js';
import { ERROR_CODES, ERROR_TABLE, isErrorCode } from '../../kernel/errors/error-table.js';
import { toolOf } from '../tool.js';

const CODE_CHARACTERS_MAX = 100;

export const explainRefusal = toolOf({
  name: 'explain_refusal',
  title: 'Explain a refusal',
  description:
    'Says what a code of the broker means and what to do next. Codes stand in round brackets at the end of its messages, as in "(statement_denied)".',
  input: z.strictObject({
    code: z.string().min(1).max(CODE_CHARACTERS_MAX).describe('The code, such as statement_held.'),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  run({ code }) {
    if (!isErrorCode(code)) {
      const detail = `code: is none of the broker's ${ERROR_CODES.length}. It may be the database's own; read its message.`;
      return Promise.reject(new BrokerError('request_invalid', { detail }));
    }
    const { title, next, httpStatus } = ERROR_TABLE[code];
    const agent = agentStepOf(code);
    const text = [title, next, agent?.words].filter((part) => part !== undefined).join(' ');
    return Promise.resolve({ text, facts: { code, title, next, httpStatus, agent: agent ?? null } });
  },
});
