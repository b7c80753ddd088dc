import { isRecordedBulk } from './bulk-values.js';
import type { Entry, EntryBody } from './entries.js';

export const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
export const COUNTER = /^\d{1,20}$/;

type EntryOf<T extends EntryBody['type']> = Entry & { readonly type: T };
type Fields = Readonly<Record<string, unknown>>;

/**
 * True for a statement or a result that its schema accepts, at a fifth of the schema's cost. Nearly every line is one of
 * these two. False says nothing: the schema decides then, and names what is wrong. It counts the fields, because JSON
 * has no undefined ones: as many as were looked at means none besides them.
 */
export function isUsualEntry(json: unknown): json is EntryOf<'statement'> | EntryOf<'result'> {
  if (!isFields(json) || !isChained(json)) return false;
  return json['type'] === 'statement' ? isStatement(json) : json['type'] === 'result' && isResult(json);
}

/** `seq`, `prev`, `at`, `mono`. */
const CHAIN_FIELDS = 4;

function isChained({ seq, prev, at, mono }: Fields): boolean {
  return (
    isOrdinal(seq) && isText(prev) && isText(at) && TIMESTAMP.test(at) && typeof mono === 'number' && isFinite(mono)
  );
}

const STATEMENT_COMMANDS: ReadonlySet<string> = new Set([
  'COM_QUERY',
  'COM_STMT_PREPARE',
  'COM_STMT_EXECUTE',
  'COM_STMT_BULK_EXECUTE',
]);

/** Those with bound values in base64 or bytes as text are left to the schema. */
function isStatement(fields: Fields): boolean {
  const { session, statement, command, database, verdict, policies, fingerprint, prepared, values, bulk, why, text } =
    fields;
  return (
    isOrdinal(session) &&
    isOrdinal(statement) &&
    isText(command) &&
    STATEMENT_COMMANDS.has(command) &&
    (database === null || isText(database)) &&
    (verdict === 'allow' || verdict === 'hold' || verdict === 'deny') &&
    Array.isArray(policies) &&
    policies.every(isText) &&
    (fingerprint === null || isText(fingerprint)) &&
    (prepared === undefined || isOrdinal(prepared)) &&
    (values === undefined || (Array.isArray(values) && values.every(isBoundValue))) &&
    (bulk === undefined || isRecordedBulk(bulk)) &&
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
    (value === null || isText(value) || (typeof value === 'number' && isFinite(value))) &&
    hasFields(json, 2 + present(unsigned))
  );
}

/** Those with an error are left to the schema. */
function isResult(fields: Fields): boolean {
  const { session, statement, command, outcome, results, durationUs, response } = fields;
  return (
    isOrdinal(session) &&
    (statement === undefined || isOrdinal(statement)) &&
    isText(command) &&
    (outcome === 'ok' || outcome === 'error' || outcome === 'unknown') &&
    Array.isArray(results) &&
    results.every(isResultPart) &&
    typeof durationUs === 'number' &&
    isFinite(durationUs) &&
    durationUs >= 0 &&
    (response === undefined || isResponse(response)) &&
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

function isResponse(json: unknown): boolean {
  if (!isFields(json)) return false;
  const { bytes, kept, sha256, segment, offset } = json;
  return isCount(bytes) && isCount(kept) && isText(sha256) && isCount(segment) && isCount(offset) && hasFields(json, 5);
}

function isFields(json: unknown): json is Fields {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function hasFields(fields: Fields, count: number): boolean {
  return Object.keys(fields).length === count;
}

function present(field: unknown): number {
  return field === undefined ? 0 : 1;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === 'number' && value >= 0;
}

function isOrdinal(value: unknown): value is number {
  return isCount(value) && value > 0;
}

function isCounter(value: unknown): boolean {
  return isCount(value) || (isText(value) && COUNTER.test(value));
}
