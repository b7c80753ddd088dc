import type { RecordedValue } from '../../sql/bound-values.js';
import { type AskedSetting, bothChanges, type SessionChange } from '../sql/session/session-change.js';
import { type AssignedValue, judgeVariable, type SessionOrigin } from '../sql/session/session-rules.js';
import { COM_QUERY } from '../wire/commands.js';
import { decodeResponse } from '../wire/response/result-decoder.js';

/** What is known once the target was asked. */
export interface AskedAnswer {
  /** To {@link askedQuery}; undefined when that was not needed. */
  readonly response: Buffer | undefined;
  readonly capabilities: number;
  /** Bound to the statement's placeholders. */
  readonly values: readonly RecordedValue[] | undefined;
  readonly origin: SessionOrigin;
}

/** The query that works out the expressions of a SET, in the session that it is for; undefined when there are none. */
export function askedQuery(asks: readonly AskedSetting[]): string | undefined {
  const texts = asks.flatMap(({ value }) => (value.kind === 'expression' ? [`(${value.text})`] : []));
  return texts.length === 0 ? undefined : `SELECT ${texts.join(', ')} LIMIT 1`;
}

/** What setting these variables to their values amounts to. */
export function judgeAsked(asks: readonly AskedSetting[], answer: AskedAnswer): SessionChange {
  const found = answer.response === undefined ? [] : valuesIn(answer.response, answer.capabilities);
  let column = 0;
  let whole: SessionChange = { kind: 'none' };
  for (const { name, value } of asks) {
    const known = value.kind === 'expression' ? found[column++] : boundValue(answer.values?.[value.index]);
    whole = bothChanges(whole, judgeVariable(name, known ?? { kind: 'other' }, answer.origin));
  }
  return whole;
}

function valuesIn(response: Buffer, capabilities: number): readonly AssignedValue[] {
  const [result] = decodeResponse(response, { capabilities, command: COM_QUERY }).results;
  if (result?.kind !== 'rows') return [];
  const { columns, rows } = result;
  return (rows[0] ?? []).map((value, index) => assigned(columns[index]?.typeName ?? '', value));
}

function boundValue(bound: RecordedValue | undefined): AssignedValue {
  if (bound === undefined || bound.encoding !== undefined) return { kind: 'other' };
  return assigned(bound.type, bound.value === null ? null : String(bound.value));
}

const NUMBER_TYPE = /^MYSQL_TYPE_(?:TINY|SHORT|LONG|LONGLONG|INT24|FLOAT|DOUBLE|DECIMAL|NEWDECIMAL|YEAR)$/;
const TEXT_TYPE = /^MYSQL_TYPE_(?:VARCHAR|VAR_STRING|STRING|(?:TINY_|MEDIUM_|LONG_)?BLOB|NULL)$/;

/** A number is not what its digits are as a text: `sql_mode = 4` names no mode. */
function assigned(typeName: string, value: string | null): AssignedValue {
  if (value === null) return { kind: 'word', text: 'NULL' };
  if (NUMBER_TYPE.test(typeName)) return { kind: 'number', text: value };
  return TEXT_TYPE.test(typeName) ? { kind: 'text', text: value } : { kind: 'other' };
}
