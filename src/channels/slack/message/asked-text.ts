import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import type { PlainField } from '../../../domain/headline.js';
import { beginningOf, sizeOf } from './sizes.js';

const CHARACTERS_MAX = 2_800;
const LINES_MAX = 40;
/** Of what is not shown whole. */
const FIRST_CHARACTERS_MAX = 1_200;
const FIRST_LINES_MAX = 15;
/** The name of the value that says that there are more of them. */
const MORE = 'more';

/** What is asked, as people may read it in a message. */
export interface QuestionText {
  /** Hidden characters written out; empty: there is nothing to show. */
  readonly text: string;
  /** The values that it runs with, a line for each; empty: none. */
  readonly values: string;
  /** False: these are only its first lines, and nobody can decide by them. */
  readonly isWhole: boolean;
}

/** Whole, with its bound values, or only the beginning: nothing is cut that somebody could take for the whole. */
export function askedTextOf({ kind, statement, digest }: ApprovalView): QuestionText {
  const { operation, values } = digest;
  if (kind === 'grant') return fitted(operation.map(([, text]) => text).join('\n'), '', true);
  if (statement === null) return { text: '', values: '', isWhole: false };
  return fitted(statement.shown, values.map(lineOf).join('\n'), !values.some(([name]) => name === MORE));
}

function lineOf([name, text]: PlainField): string {
  return name === '' ? text : `${name}: ${text}`;
}

function fitted(text: string, values: string, areAll: boolean): QuestionText {
  const both = values === '' ? text : `${text}\n${values}`;
  const isWhole =
    areAll && text.trim() !== '' && sizeOf(both) <= CHARACTERS_MAX && both.split('\n').length <= LINES_MAX;
  return isWhole ? { text, values, isWhole } : { text: firstLines(text), values: '', isWhole };
}

function firstLines(text: string): string {
  const lines = text.split('\n', FIRST_LINES_MAX).join('\n');
  return beginningOf(lines, FIRST_CHARACTERS_MAX).trimEnd();
}
