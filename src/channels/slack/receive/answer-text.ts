import type { ErrorRow } from '../../../kernel/errors/error-row.js';
import { ERROR_TABLE, isErrorCode } from '../../../kernel/errors/error-table.js';
import { escaped } from '../message/escaped.js';

/** An answer that only its reader sees. */
export interface ReaderAnswer {
  /** A code of the error table, or `linked`. */
  readonly code: string;
  readonly principal?: string;
}

/** What somebody in Slack is told: what happened, what to do, and the code. Nothing of an agent's stands in it. */
export function answerText({ code, principal = '' }: ReaderAnswer, page: string): string {
  if (code === 'linked') return `You are ${escaped(principal)} here from now on. Undo it on your own page: ${page}`;
  const { title, next }: ErrorRow = ERROR_TABLE[isErrorCode(code) ? code : 'internal'];
  return `${escaped(title)} ${escaped(next)} (\`${code}\`)${code.startsWith('slack_') ? ` ${page}` : ''}`;
}
