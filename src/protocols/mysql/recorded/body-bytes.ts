import type { RecordedValue } from '../../sql/bound-values.js';
import type { BodyBytes, LineParts } from '../../../recording/entries/entry-bytes.js';
import type { ResultBody, ResultPart, StatementBody } from './bodies.js';

/** A longer statement is not tried: it would be made JSON twice. */
const TEXT_UNITS_MAX = 16 * 1024;
const JSON_BYTES_PER_UNIT_MAX = 6;
/** Names, quotes and numbers of a body, and of a value. */
const FIXED_BYTES_MAX = 256;
const VALUE_BYTES_MAX = 96;

/** Statements and results of MySQL as bytes. Rows of values are left to JSON.stringify. */
export const BODY_BYTES: BodyBytes = {
  bytesMax(type, body) {
    if (type === 'operation') return isStatement(body) ? statementBytesMax(body) : undefined;
    return isResult(body) ? resultBytesMax(body) : undefined;
  },
  put(parts, type, body) {
    if (type === 'operation' && isStatement(body)) putStatement(parts, body);
    else if (isResult(body)) putResult(parts, body);
  },
};

// Bodies come from sessions of this protocol, so the one field that is always there tells them from others.

function isStatement(body: object): body is StatementBody {
  return 'text' in body || 'textBase64' in body;
}

function isResult(body: object): body is ResultBody {
  return 'results' in body;
}

const DATABASE = Buffer.from('{"database":');
const PREPARED = Buffer.from(',"prepared":');
const VALUES = Buffer.from(',"values":');
const LIST = Buffer.from('[');
const LIST_END = Buffer.from(']');
const EMPTY_LIST = Buffer.from('[]');
const COMMA = Buffer.from(',');
const TYPE = Buffer.from('{"type":');
const UNSIGNED = Buffer.from(',"unsigned":true');
const VALUE = Buffer.from(',"value":');
const BASE64 = Buffer.from(',"encoding":"base64"');
const TEXT = Buffer.from(',"text":');
const TEXT_BASE64 = Buffer.from(',"textBase64":');
const CHARACTER_SET = Buffer.from(',"characterSet":');
const ERROR = Buffer.from(',"error":');
const NULL = Buffer.from('null');
const END = Buffer.from('}');

function statementBytesMax(body: StatementBody): number | undefined {
  if (body.bulk !== undefined) return undefined;
  const units = 'text' in body ? body.text.length : body.textBase64.length + (body.characterSet?.length ?? 0);
  if (units > TEXT_UNITS_MAX) return Number.POSITIVE_INFINITY;
  const bytes = FIXED_BYTES_MAX + (units + (body.database?.length ?? 0)) * JSON_BYTES_PER_UNIT_MAX;
  return body.values === undefined ? bytes : bytes + valuesBytesMax(body.values);
}

function valuesBytesMax(values: readonly RecordedValue[]): number {
  let units = 0;
  for (const { type, value } of values) units += type.length + (typeof value === 'string' ? value.length : 0);
  return values.length * VALUE_BYTES_MAX + units * JSON_BYTES_PER_UNIT_MAX;
}

function putStatement(parts: LineParts, body: StatementBody): void {
  const { database, prepared, values } = body;
  parts.bytes(DATABASE);
  if (database === null) parts.bytes(NULL);
  else parts.json(database);
  if (prepared !== undefined) {
    parts.bytes(PREPARED);
    parts.number(prepared);
  }
  if (values !== undefined) {
    parts.bytes(VALUES);
    putValues(parts, values);
  }
  if ('text' in body) {
    parts.bytes(TEXT);
    parts.json(body.text);
  } else {
    parts.bytes(TEXT_BASE64);
    parts.json(body.textBase64);
    if (body.characterSet !== undefined) {
      parts.bytes(CHARACTER_SET);
      parts.json(body.characterSet);
    }
  }
  parts.bytes(END);
}

function putValues(parts: LineParts, values: readonly RecordedValue[]): void {
  let before = LIST;
  for (const { type, unsigned, value, encoding } of values) {
    parts.bytes(before);
    before = COMMA;
    parts.bytes(TYPE);
    parts.json(type);
    if (unsigned === true) parts.bytes(UNSIGNED);
    parts.bytes(VALUE);
    if (typeof value === 'string') parts.json(value);
    else if (Number.isSafeInteger(value)) parts.number(Number(value));
    else parts.ascii(JSON.stringify(value));
    if (encoding !== undefined) parts.bytes(BASE64);
    parts.bytes(END);
  }
  parts.bytes(values.length === 0 ? EMPTY_LIST : LIST_END);
}

// The results are the same for most statements as for the one before, so they are kept as bytes.

let lastResults: readonly ResultPart[] | undefined;
let lastResultsBytes: Buffer = END;
/** The error of the body that `bytesMax` was asked of last. */
let lastError = '';

function resultBytesMax({ results, error }: ResultBody): number {
  if (lastResults === undefined || !isSame(results, lastResults)) {
    lastResults = results;
    lastResultsBytes = Buffer.from(`{"results":${JSON.stringify(results)}`);
  }
  lastError = error === undefined ? '' : JSON.stringify(error);
  return FIXED_BYTES_MAX + lastResultsBytes.length + lastError.length * JSON_BYTES_PER_UNIT_MAX;
}

function putResult(parts: LineParts, { error }: ResultBody): void {
  parts.bytes(lastResultsBytes);
  if (error !== undefined) {
    parts.bytes(ERROR);
    parts.text(lastError);
  }
  parts.bytes(END);
}

function isSame(one: readonly ResultPart[], other: readonly ResultPart[]): boolean {
  return one.length === 1 && other.length === 1 && isSamePart(one[0], other[0]);
}

function isSamePart(one: ResultPart | undefined, other: ResultPart | undefined): boolean {
  if (one?.kind !== 'rows' || other?.kind !== 'rows') return false;
  return one.columns === other.columns && one.rows === other.rows && one.warnings === other.warnings;
}
