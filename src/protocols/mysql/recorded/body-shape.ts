import { isRecordedBulk } from '../../sql/bound-values.js';
import {
  hasFields,
  isCount,
  isFields,
  isNumber,
  isOrdinal,
  isText,
  present,
  type JsonFields,
} from '../../../recording/entries/json-shape.js';

export const COUNTER = /^\d{1,20}$/;

/** True for the body of a statement or of a result that its schema accepts. False says nothing. */
export function isUsualBody(type: 'operation' | 'result', body: object): boolean {
  if (!isFields(body)) return false;
  return type === 'operation' ? isStatement(body) : isResult(body);
}

/** Those with bound values in base64 or bytes as text are left to the schema. */
function isStatement(fields: JsonFields): boolean {
  const { database, prepared, values, bulk, text } = fields;
  return (
    (database === null || isText(database)) &&
    (prepared === undefined || isOrdinal(prepared)) &&
    (values === undefined || (Array.isArray(values) && values.every(isBoundValue))) &&
    (bulk === undefined || isRecordedBulk(bulk)) &&
    isText(text) &&
    hasFields(fields, 2 + present(prepared) + present(values) + present(bulk))
  );
}

function isBoundValue(json: unknown): boolean {
  if (!isFields(json)) return false;
  const { type, unsigned, value } = json;
  return (
    isText(type) &&
    (unsigned === undefined || unsigned === true) &&
    (value === null || isText(value) || isNumber(value)) &&
    hasFields(json, 2 + present(unsigned))
  );
}

/** Those with an error are left to the schema. */
function isResult(fields: JsonFields): boolean {
  const { results } = fields;
  return Array.isArray(results) && results.every(isResultPart) && hasFields(fields, 1);
}

function isResultPart(json: unknown): boolean {
  if (!isFields(json) || !isCount(json['warnings'])) return false;
  const { kind, affectedRows, lastInsertId, columns, rows } = json;
  return (
    hasFields(json, 4) &&
    (kind === 'rows'
      ? isCount(columns) && isCount(rows)
      : kind === 'ok' && isCounter(affectedRows) && isCounter(lastInsertId))
  );
}

function isCounter(value: unknown): boolean {
  return isCount(value) || (isText(value) && COUNTER.test(value));
}
