import { readBinaryValue, type BoundValue, type ParameterType } from './values/bound-values.js';
import { readTypes, TYPES_UNKNOWN } from './commands.js';
import { fieldTypeName, MYSQL_TYPE_NULL } from './values/field-types.js';
import { PayloadReader } from './lenenc.js';
import { wireError } from './wire-error.js';

/** What a client may say in place of a value: the column's default, or that the column is left as it is. */
export type BulkIndicator = 'default' | 'ignore';

/**
 * One value of a row: as in {@link BoundValue}, without the type, which all values of a parameter share. Bytes that are
 * not UTF-8 are base64.
 */
export type BulkValue = string | number | null | { readonly base64: string } | { readonly indicator: BulkIndicator };

/** A type of a parameter, by its name. */
export type BulkType = Pick<BoundValue, 'type' | 'unsigned'>;

/** What the session knows of a prepared statement when it is executed with many rows. */
export interface BulkPrepared {
  readonly parameterCount: number;
  /** Those that the target has from an execution before; a client may leave them out then. */
  readonly types: readonly ParameterType[] | undefined;
  /** MARIADB_CLIENT_BULK_UNIT_RESULTS is agreed on. */
  readonly unitResults: boolean;
}

export interface BulkExecuteRequest {
  readonly statementId: number;
  /** The answer is a result set with id and affected rows of each row, in place of one OK. */
  readonly wantsUnitResults: boolean;
  /** To be kept for executions that send none. */
  readonly newTypes: readonly ParameterType[] | undefined;
  readonly types: readonly BulkType[];
  /** At least one, each with as many values as there are parameters. */
  readonly rows: readonly (readonly BulkValue[])[];
  /** The rows as they came; with their types they tell this execution from every other one of its statement. A view. */
  readonly rowBytes: Buffer;
}

/**
 * Values of one execution, all rows together. Decoded and recorded one costs fifty to a hundred bytes, where a hostile
 * client sends it as one byte (NULL).
 */
export const BULK_VALUES_MAX = 1_000_000;

const SEND_UNIT_RESULTS = 64;
const SEND_TYPES_TO_SERVER = 128;

const INDICATOR_NONE = 0;
const INDICATOR_NULL = 1;
const INDICATOR_DEFAULT = 2;
const INDICATOR_IGNORE = 3;
const DEFAULT: BulkValue = { indicator: 'default' };
const IGNORE: BulkValue = { indicator: 'ignore' };

/**
 * Reads an execution of a prepared statement with many rows of values, to the last byte. A server runs the rows before
 * one that it cannot read; here nothing of such an execution is taken.
 *
 * https://mariadb.com/docs/server/reference/clientserver-protocol/3-binary-protocol-prepared-statements/com_stmt_bulk_execute
 */
export function decodeBulkExecute(payload: Buffer, prepared: BulkPrepared): BulkExecuteRequest {
  const { parameterCount } = prepared;
  const reader = new PayloadReader(payload, 'packet_malformed', 1);
  const statementId = reader.uint32();
  const flags = reader.uint16();
  const known = prepared.unitResults ? SEND_TYPES_TO_SERVER | SEND_UNIT_RESULTS : SEND_TYPES_TO_SERVER;
  if ((flags & ~known) !== 0) throw wireError('packet_malformed', 'The bulk execution has flags that do not exist.');
  if (parameterCount === 0) {
    throw wireError('packet_malformed', 'A statement without parameters cannot be executed with rows of values.');
  }
  const newTypes = (flags & SEND_TYPES_TO_SERVER) === 0 ? undefined : readTypes(reader, parameterCount);
  const types = newTypes ?? prepared.types;
  if (types?.length !== parameterCount) throw wireError('packet_malformed', TYPES_UNKNOWN);
  const rowBytes = payload.subarray(reader.offset);
  return {
    statementId,
    wantsUnitResults: (flags & SEND_UNIT_RESULTS) !== 0,
    newTypes,
    types: types.map(typeNamed),
    rows: readRows(reader, types),
    rowBytes,
  };
}

function readRows(reader: PayloadReader, types: readonly ParameterType[]): BulkExecuteRequest['rows'] {
  const rowsMax = Math.floor(BULK_VALUES_MAX / types.length);
  const rows: (readonly BulkValue[])[] = [];
  do {
    if (rows.length >= rowsMax) {
      throw wireError(
        'payload_too_large',
        `One bulk execution can have ${BULK_VALUES_MAX} values, rows times columns.`,
      );
    }
    rows.push(types.map((type) => readValue(reader, type)));
  } while (reader.remaining > 0);
  return rows;
}

function readValue(reader: PayloadReader, type: ParameterType): BulkValue {
  switch (reader.uint8()) {
    case INDICATOR_NONE: {
      if (type.type === MYSQL_TYPE_NULL) throw wireError('packet_malformed', 'A parameter of type NULL is not NULL.');
      const { value, encoding } = readBinaryValue(reader, type);
      return encoding === undefined ? value : { base64: String(value) };
    }
    case INDICATOR_NULL:
      return null;
    case INDICATOR_DEFAULT:
      return DEFAULT;
    case INDICATOR_IGNORE:
      return IGNORE;
    default:
      throw wireError('packet_malformed', 'A value has an indicator that does not exist.');
  }
}

function typeNamed({ type, unsigned }: ParameterType): BulkType {
  return unsigned ? { type: fieldTypeName(type), unsigned } : { type: fieldTypeName(type) };
}
