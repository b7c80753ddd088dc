import { isBulkField } from './bulk-rows.js';
import {
  CHAIN_FIELDS,
  hasFields,
  isChained,
  isCount,
  isFields,
  isNumber,
  isOrdinal,
  isReference,
  isText,
  isTexts,
  present,
  type JsonFields,
} from '../entries/json-shape.js';
import type { TypedLine } from './lines.js';

export const COUNTER = /^\d{1,20}$/;

/** True for a statement or a result that its schema accepts. Nearly every line is one of these two. */
export function isUsualLine(json: unknown): json is TypedLine<'statement'> | TypedLine<'result'> {
  if (!isFields(json) || !isChained(json)) return false;
  return json['type'] === 'statement' ? isStatement(json) : json['type'] === 'result' && isResult(json);
}

const STATEMENT_COMMANDS: ReadonlySet<string> = new Set([
  'COM_QUERY',
  'COM_STMT_PREPARE',
  'COM_STMT_EXECUTE',
  'COM_STMT_BULK_EXECUTE',
]);

/** Those with bound values in base64 or bytes as text are left to the schema. */
function isStatement(fields: JsonFields): boolean {
  const { session, statement, command, database, verdict, policies, fingerprint, prepared, values, bulk, why, text } =
    fields;
  return (
    isOrdinal(session) &&
    isOrdinal(statement) &&
    isText(command) &&
    STATEMENT_COMMANDS.has(command) &&
    (database === null || isText(database)) &&
    (verdict === 'allow' || verdict === 'hold' || verdict === 'deny') &&
    isTexts(policies) &&
    (fingerprint === null || isText(fingerprint)) &&
    (prepared === undefined || isOrdinal(prepared)) &&
    (values === undefined || (Array.isArray(values) && values.every(isBoundValue))) &&
    (bulk === undefined || isBulkField(bulk)) &&
    (why === undefined || isText(why)) &&
    isText(text) &&
    hasFields(fields, CHAIN_FIELDS + 9 + present(prepared) + present(values) + present(bulk) + present(why))
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
  const { session, statement, command, outcome, results, durationUs, response } = fields;
  return (
    isOrdinal(session) &&
    (statement === undefined || isOrdinal(statement)) &&
    isText(command) &&
    (outcome === 'ok' || outcome === 'error' || outcome === 'unknown') &&
    Array.isArray(results) &&
    results.every(isResultPart) &&
    isNumber(durationUs) &&
    durationUs >= 0 &&
    (response === undefined || isReference(response)) &&
    hasFields(fields, CHAIN_FIELDS + 6 + present(statement) + present(response))
  );
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
