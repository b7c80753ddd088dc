import { isUtf8 } from 'node:buffer';
import type { AnswerCell, AnswerColumn, AnswerResult, ToldAnswer } from '../../../recording/replay/answer.js';
import { areCharacters, charactersOf, isReadCharacterSet } from '../charset/character-sets.js';
import {
  MYSQL_TYPE_BIT,
  MYSQL_TYPE_BLOB,
  MYSQL_TYPE_DECIMAL,
  MYSQL_TYPE_DOUBLE,
  MYSQL_TYPE_FLOAT,
  MYSQL_TYPE_GEOMETRY,
  MYSQL_TYPE_INT24,
  MYSQL_TYPE_LONG,
  MYSQL_TYPE_LONG_BLOB,
  MYSQL_TYPE_LONGLONG,
  MYSQL_TYPE_MEDIUM_BLOB,
  MYSQL_TYPE_NEWDECIMAL,
  MYSQL_TYPE_SHORT,
  MYSQL_TYPE_STRING,
  MYSQL_TYPE_TINY,
  MYSQL_TYPE_TINY_BLOB,
  MYSQL_TYPE_VAR_STRING,
  MYSQL_TYPE_VARCHAR,
  MYSQL_TYPE_VECTOR,
  MYSQL_TYPE_YEAR,
} from '../wire/values/field-types.js';
import { ENUM_FLAG, type ColumnDefinition, SET_FLAG } from '../wire/response/result-columns.js';
import type { DecodedResponse, RawValue } from '../wire/response/result-decoder.js';

const NUMERIC: ReadonlySet<number> = new Set([
  MYSQL_TYPE_DECIMAL,
  MYSQL_TYPE_TINY,
  MYSQL_TYPE_SHORT,
  MYSQL_TYPE_LONG,
  MYSQL_TYPE_FLOAT,
  MYSQL_TYPE_DOUBLE,
  MYSQL_TYPE_LONGLONG,
  MYSQL_TYPE_INT24,
  MYSQL_TYPE_YEAR,
  MYSQL_TYPE_BIT,
  MYSQL_TYPE_NEWDECIMAL,
]);

/** Of these the collation says whether they are texts. Numbers and dates have the collation `binary` too, and are texts. */
const TEXT_OR_BYTES: ReadonlySet<number> = new Set([
  MYSQL_TYPE_VARCHAR,
  MYSQL_TYPE_TINY_BLOB,
  MYSQL_TYPE_MEDIUM_BLOB,
  MYSQL_TYPE_LONG_BLOB,
  MYSQL_TYPE_BLOB,
  MYSQL_TYPE_VAR_STRING,
  MYSQL_TYPE_STRING,
]);
const ALWAYS_BYTES: ReadonlySet<number> = new Set([MYSQL_TYPE_GEOMETRY, MYSQL_TYPE_VECTOR]);

const BINARY = 'binary';
const TYPE_PREFIX = 'MYSQL_TYPE_';

/** An answer as the core shows it. The rows are those of the `result`th, whose columns say what they are. */
export function toldAnswer({ results, error, complete, window = [] }: DecodedResponse, result: number): ToldAnswer {
  const shown = results[result];
  const columns = shown?.kind === 'rows' ? shown.columns : [];
  return {
    results: results.map(resultOf),
    rows: window.map((row) => columns.map((column, index) => cellOf(row[index] ?? null, column))),
    error:
      error === undefined
        ? undefined
        : { code: String(error.errno), state: error.sqlState === '' ? null : error.sqlState, message: error.message },
    complete,
  };
}

function resultOf(result: DecodedResponse['results'][number]): AnswerResult {
  if (result.kind === 'ok') {
    const { affectedRows, lastInsertId, info } = result;
    const insertId = String(lastInsertId);
    return { kind: 'done', changed: String(affectedRows), insertId: insertId === '0' ? null : insertId, info };
  }
  const { columns, rowCount, complete } = result;
  return { kind: 'rows', columns: columns.map(columnOf), rows: rowCount, complete };
}

function columnOf(column: ColumnDefinition): AnswerColumn {
  return {
    name: column.name,
    type: typeText(column),
    table: column.table === '' ? null : column.table,
    numeric: NUMERIC.has(column.type) && (column.flags & (ENUM_FLAG | SET_FLAG)) === 0,
  };
}

/** As people know it: `varchar`, `bigint unsigned` say `var_string`, `longlong unsigned` on the wire, and so does this. */
function typeText(column: ColumnDefinition): string {
  const { typeName, extendedType, unsigned, characterSet, flags } = column;
  if (extendedType !== undefined) return extendedType;
  if ((flags & ENUM_FLAG) !== 0) return 'enum';
  if ((flags & SET_FLAG) !== 0) return 'set';
  const name = typeName.startsWith(TYPE_PREFIX) ? typeName.slice(TYPE_PREFIX.length).toLowerCase() : typeName;
  if (NUMERIC.has(column.type)) return unsigned ? `${name} unsigned` : name;
  return TEXT_OR_BYTES.has(column.type) && characterSet !== undefined ? `${name} ${characterSet}` : name;
}

function cellOf(value: RawValue, column: ColumnDefinition): AnswerCell {
  if (value === null) return null;
  if (isOfBytes(column)) return Buffer.isBuffer(value) ? value : Buffer.from(value, 'utf8');
  if (!Buffer.isBuffer(value)) return value;
  const { characterSet = BINARY } = column;
  if (!TEXT_OR_BYTES.has(column.type) || characterSet === BINARY || !isReadCharacterSet(characterSet)) {
    return isUtf8(value) ? value.toString('utf8') : value;
  }
  return areCharacters(value, characterSet) ? charactersOf(value, characterSet) : value;
}

/** Values of the collation `binary` are bytes, whatever they look like. */
function isOfBytes({ type, characterSet }: ColumnDefinition): boolean {
  if (ALWAYS_BYTES.has(type)) return true;
  return TEXT_OR_BYTES.has(type) && characterSet === BINARY;
}
