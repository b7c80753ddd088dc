import { characterSetOf } from '../values/charsets.js';
import { fieldTypeName } from '../values/field-types.js';
import { PayloadReader } from '../lenenc.js';
import { wireError } from '../wire-error.js';

/**
 * The definition of a column of a result, or of a parameter of a prepared statement.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset_column_definition.html
 */
export interface ColumnDefinition {
  readonly database: string;
  /** The alias that the statement gives the table. */
  readonly table: string;
  /** Empty or misleading for expressions, views, derived tables and unions: never the basis of masking. */
  readonly originalTable: string;
  readonly name: string;
  readonly originalName: string;
  readonly type: number;
  readonly typeName: string;
  /** What MariaDB calls the type beyond that, such as `json`, `uuid` or `point`. */
  readonly extendedType?: string;
  readonly collationId: number;
  /** Undefined for a collation that is not known. */
  readonly characterSet: string | undefined;
  /** The most bytes that a value has when it is shown. */
  readonly lengthMax: number;
  readonly flags: number;
  readonly unsigned: boolean;
  /** Digits after the point; 31 for floating point. */
  readonly decimals: number;
}

// https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__column__definition__flags.html
export const NOT_NULL_FLAG = 1;
export const PRI_KEY_FLAG = 1 << 1;
export const UNIQUE_KEY_FLAG = 1 << 2;
export const MULTIPLE_KEY_FLAG = 1 << 3;
export const BLOB_FLAG = 1 << 4;
export const UNSIGNED_FLAG = 1 << 5;
export const ZEROFILL_FLAG = 1 << 6;
export const BINARY_FLAG = 1 << 7;
export const ENUM_FLAG = 1 << 8;
export const AUTO_INCREMENT_FLAG = 1 << 9;
export const TIMESTAMP_FLAG = 1 << 10;
export const SET_FLAG = 1 << 11;

/** The length of the part that follows the names. */
const FIXED_PART_BYTES = 12;

/**
 * Reads a definition; the default value that COM_FIELD_LIST adds after it is read over. `isExtended`: what MariaDB says
 * of a type beyond its wire type stands after the names.
 *
 * https://mariadb.com/docs/server/reference/clientserver-protocol/4-server-response-packets/result-set-packets#column-definition-packet
 */
export function decodeColumn(payload: Buffer, isExtended = false): ColumnDefinition {
  const reader = new PayloadReader(payload, 'target_protocol_violation');
  reader.lenencBytes(); // the catalog, always `def`
  const database = reader.lenencText();
  const table = reader.lenencText();
  const originalTable = reader.lenencText();
  const name = reader.lenencText();
  const originalName = reader.lenencText();
  const extendedType = isExtended ? readExtendedType(reader.lenencBytes()) : undefined;
  if (reader.lenencInteger() !== FIXED_PART_BYTES) {
    throw wireError('target_protocol_violation', 'A column definition has another form than agreed on.');
  }
  const collationId = reader.uint16();
  const lengthMax = reader.uint32();
  const type = reader.uint8();
  const flags = reader.uint16();
  const decimals = reader.uint8();
  reader.skip(2);
  return {
    database,
    table,
    originalTable,
    name,
    originalName,
    type,
    typeName: fieldTypeName(type),
    ...(extendedType === undefined ? {} : { extendedType }),
    collationId,
    characterSet: characterSetOf(collationId),
    lengthMax,
    flags,
    unsigned: (flags & UNSIGNED_FLAG) !== 0,
    decimals,
  };
}

const EXTENDED_TYPE = 0;
const EXTENDED_FORMAT = 1;

/** Pairs of a number and a text: the name of the type, or of the format in which it is written. */
function readExtendedType(pairs: Buffer): string | undefined {
  const reader = new PayloadReader(pairs, 'target_protocol_violation');
  let found: string | undefined;
  while (reader.remaining > 0) {
    const kind = reader.uint8();
    const name = reader.lenencText();
    if (kind === EXTENDED_TYPE || kind === EXTENDED_FORMAT) found = name;
  }
  return found;
}
