import { ApiFailure } from '../client/api-failure.js';
import { type AgentStep, agentStepOf } from '../kernel/agent-steps.js';
import { BrokerError } from '../kernel/errors.js';
import { ERROR_TABLE, isErrorCode } from '../kernel/errors/error-table.js';
import { ConnectionFailure } from './connection-failure.js';
import type { ToolAnswer } from './tool.js';

/** What went wrong as a tool tells it: a code of the broker's table, what happened, and what to do next. */
export interface ToldFailure {
  /** Null where no API answered. */
  readonly code: string | null;
  readonly message: string;
  readonly next: string | null;
  /** What an agent does: a word for programs. */
  readonly step?: AgentStep;
  /** Whatever else is known of this case, such as `errors`. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** The answer of a call that failed. What nobody foresaw is told as `internal`, without its text. */
export function failureAnswer(error: unknown): ToolAnswer {
  const failure = withStep(toldFailure(error));
  return { text: failureText(failure), facts: { error: failure }, isError: true };
}

export function failureText({ code, message, next }: ToldFailure): string {
  return [message, next, code === null ? null : `(${code})`].filter((part) => part !== null).join(' ');
}

/** Whether it is one of those that a caller is told word by word. */
export function isForeseen(error: unknown): boolean {
  return error instanceof ApiFailure || error instanceof BrokerError || error instanceof ConnectionFailure;
}

/** The same, with what an agent does about it where the broker's table says so. */
export function withStep(failure: ToldFailure): ToldFailure {
  const { code } = failure;
  const step = code !== null && isErrorCode(code) ? agentStepOf(code)?.step : undefined;
  return step === undefined ? failure : { ...failure, step };
}

function toldFailure(error: unknown): ToldFailure {
  if (error instanceof ApiFailure) return failureOfApi(error);
  if (error instanceof ConnectionFailure) return { code: null, message: error.message, next: error.next };
  const { code, detail, row, fields } = error instanceof BrokerError ? error : new BrokerError('internal');
  const message = detail === undefined ? row.title : `${row.title} ${detail}`;
  return { code, message, next: row.next, ...(Object.keys(fields).length === 0 ? {} : { fields }) };
}

function failureOfApi({ code, message, problem }: ApiFailure): ToldFailure {
  if (problem === null) {
    return {
      code,
      message,
      next: 'See that DOORWARDEN_API is the address of the broker and that it runs, then call again.',
    };
  }
  const { title, detail, next, fields } = problem;
  return {
    code,
    message: detail === undefined ? title : `${title} ${detail}`,
    next: next ?? (code !== null && isErrorCode(code) ? ERROR_TABLE[code].next : null),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
  };
}
