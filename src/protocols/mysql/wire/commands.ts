import {
  isParameterTypeAllowed,
  longDataValue,
  nullValue,
  readBinaryValue,
  type BoundValue,
  type ParameterType,
} from './values/bound-values.js';
import { MYSQL_TYPE_NULL } from './values/field-types.js';
import { DATABASE_BYTES_MAX } from './login/handshake.js';
import { PayloadReader } from './lenenc.js';
import { wireError } from './wire-error.js';

/**
 * The commands of the protocol: their bytes, their names, and which of them the broker lets through.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase.html
 * https://mariadb.com/docs/server/reference/clientserver-protocol/2-text-protocol
 */

export const COM_QUIT = 0x01;
export const COM_INIT_DB = 0x02;
export const COM_QUERY = 0x03;
export const COM_FIELD_LIST = 0x04;
export const COM_STATISTICS = 0x09;
/** Ends a connection by its id, as KILL does; MySQL has called it deprecated since 5.7. */
export const COM_PROCESS_KILL = 0x0c;
export const COM_PING = 0x0e;
export const COM_STMT_PREPARE = 0x16;
export const COM_STMT_EXECUTE = 0x17;
export const COM_STMT_SEND_LONG_DATA = 0x18;
export const COM_STMT_CLOSE = 0x19;
export const COM_STMT_RESET = 0x1a;
export const COM_STMT_FETCH = 0x1c;
export const COM_RESET_CONNECTION = 0x1f;
/** MariaDB's alone: a prepared statement with many rows of values. See bulk-execute.ts. */
export const COM_STMT_BULK_EXECUTE = 0xfa;

/** MySQL's and MariaDB's names have 64 characters, of at most 4 bytes. */
const TABLE_BYTES_MAX = 256;
const PARAMETER_UNSIGNED_FLAG = 0x80;
const NO_LONG_DATA: ReadonlyMap<number, Buffer> = new Map();
/** Stands for a value that came as long data. */
const LATER: BoundValue = { type: 'MYSQL_TYPE_NULL', value: null };

/** Every byte that MySQL or MariaDB has given a meaning; some of them only once, and only on one of the two. */
const COMMAND_NAMES: ReadonlyMap<number, string> = new Map([
  [0x00, 'COM_SLEEP'],
  [COM_QUIT, 'COM_QUIT'],
  [COM_INIT_DB, 'COM_INIT_DB'],
  [COM_QUERY, 'COM_QUERY'],
  [COM_FIELD_LIST, 'COM_FIELD_LIST'],
  [0x05, 'COM_CREATE_DB'],
  [0x06, 'COM_DROP_DB'],
  [0x07, 'COM_REFRESH'],
  [0x08, 'COM_SHUTDOWN'],
  [COM_STATISTICS, 'COM_STATISTICS'],
  [0x0a, 'COM_PROCESS_INFO'],
  [0x0b, 'COM_CONNECT'],
  [COM_PROCESS_KILL, 'COM_PROCESS_KILL'],
  [0x0d, 'COM_DEBUG'],
  [COM_PING, 'COM_PING'],
  [0x0f, 'COM_TIME'],
  [0x10, 'COM_DELAYED_INSERT'],
  [0x11, 'COM_CHANGE_USER'],
  [0x12, 'COM_BINLOG_DUMP'],
  [0x13, 'COM_TABLE_DUMP'],
  [0x14, 'COM_CONNECT_OUT'],
  [0x15, 'COM_REGISTER_SLAVE'],
  [COM_STMT_PREPARE, 'COM_STMT_PREPARE'],
  [COM_STMT_EXECUTE, 'COM_STMT_EXECUTE'],
  [COM_STMT_SEND_LONG_DATA, 'COM_STMT_SEND_LONG_DATA'],
  [COM_STMT_CLOSE, 'COM_STMT_CLOSE'],
  [COM_STMT_RESET, 'COM_STMT_RESET'],
  [0x1b, 'COM_SET_OPTION'],
  [COM_STMT_FETCH, 'COM_STMT_FETCH'],
  [0x1d, 'COM_DAEMON'],
  [0x1e, 'COM_BINLOG_DUMP_GTID'],
  [COM_RESET_CONNECTION, 'COM_RESET_CONNECTION'],
  [0x20, 'COM_CLONE'],
  [0x21, 'COM_SUBSCRIBE_GROUP_REPLICATION_STREAM'],
  [COM_STMT_BULK_EXECUTE, 'COM_STMT_BULK_EXECUTE'],
  [0xfe, 'COM_MULTI'],
]);

/** What a server answers a command with, apart from ERR, which it may always answer unless it answers nothing. */
export type CommandResponse =
  | 'none' // the server says nothing, not even on failure
  | 'ok' // an OK packet
  | 'results' // OK packets and result sets, as many as the text has
  | 'prepared' // the head of a prepared statement, then its parameters' and columns' definitions
  | 'rows' // rows of an open cursor, without column definitions
  | 'columns' // column definitions alone
  | 'text'; // one packet of bare text

/**
 * The commands that go through, and how each is answered. Whatever is not here is refused: the administrative ones
 * (SHUTDOWN, REFRESH, DEBUG), those of replication, CREATE_DB and DROP_DB, which would pass the judge of
 * statements by, CHANGE_USER, which would leave the task account, SET_OPTION, which switches multi-statements on after
 * the handshake, and every byte that has no meaning yet.
 */
const ALLOWED_COMMANDS: ReadonlyMap<number, CommandResponse> = new Map<number, CommandResponse>([
  [COM_QUIT, 'none'],
  [COM_INIT_DB, 'ok'],
  [COM_QUERY, 'results'],
  [COM_FIELD_LIST, 'columns'],
  [COM_STATISTICS, 'text'],
  [COM_PROCESS_KILL, 'ok'],
  [COM_PING, 'ok'],
  [COM_STMT_PREPARE, 'prepared'],
  [COM_STMT_EXECUTE, 'results'],
  [COM_STMT_SEND_LONG_DATA, 'none'],
  [COM_STMT_CLOSE, 'none'],
  [COM_STMT_RESET, 'ok'],
  [COM_STMT_FETCH, 'rows'],
  [COM_RESET_CONNECTION, 'ok'],
  [COM_STMT_BULK_EXECUTE, 'results'],
]);

/** The command's name as the protocol spells it; `0x…` for a byte that has none. */
export function commandName(command: number): string {
  return COMMAND_NAMES.get(command) ?? `0x${command.toString(16).padStart(2, '0')}`;
}

export function isCommandAllowed(command: number): boolean {
  return ALLOWED_COMMANDS.has(command);
}

/** How an allowed command is answered; undefined for one that is not allowed. */
export function responseOf(command: number): CommandResponse | undefined {
  return ALLOWED_COMMANDS.get(command);
}

/** Whether the rows in an answer to it are those of the binary protocol. */
export function answersInBinary(command: number): boolean {
  return command === COM_STMT_EXECUTE || command === COM_STMT_BULK_EXECUTE || command === COM_STMT_FETCH;
}

/** The database of COM_INIT_DB, in the session's character set. */
export function decodeInitDb(payload: Buffer): Buffer {
  const name = payload.subarray(1);
  if (name.length > DATABASE_BYTES_MAX) throw wireError('packet_malformed', 'The database name is too long.');
  return name;
}

export interface FieldListRequest {
  /** In the session's character set. */
  readonly table: Buffer;
  /** A pattern as of LIKE; empty for all columns. */
  readonly wildcard: string;
}

export function decodeFieldList(payload: Buffer): FieldListRequest {
  const reader = new PayloadReader(payload, 'packet_malformed', 1);
  const table = reader.nulTerminatedBytes(TABLE_BYTES_MAX, 'table name');
  return { table, wildcard: reader.rest().toString('utf8') };
}

/** The connection's id in COM_PROCESS_KILL. */
export function decodeProcessKill(payload: Buffer): number {
  const reader = new PayloadReader(payload, 'packet_malformed', 1);
  const connectionId = reader.uint32();
  reader.expectEnd();
  return connectionId;
}

/** The statement's id in COM_STMT_RESET and COM_STMT_CLOSE, which consist of nothing else. */
export function decodeStatementId(payload: Buffer): number {
  const reader = new PayloadReader(payload, 'packet_malformed', 1);
  const statementId = reader.uint32();
  reader.expectEnd();
  return statementId;
}

export interface LongData {
  readonly statementId: number;
  readonly parameterIndex: number;
  /** A view. Several of these for one parameter are one value, in order. */
  readonly content: Buffer;
}

export function decodeSendLongData(payload: Buffer): LongData {
  const reader = new PayloadReader(payload, 'packet_malformed', 1);
  return { statementId: reader.uint32(), parameterIndex: reader.uint16(), content: reader.rest() };
}

export interface FetchRequest {
  readonly statementId: number;
  readonly rowCount: number;
}

export function decodeFetch(payload: Buffer): FetchRequest {
  const reader = new PayloadReader(payload, 'packet_malformed', 1);
  const request = { statementId: reader.uint32(), rowCount: reader.uint32() };
  reader.expectEnd();
  return request;
}

/** COM_PING, COM_STATISTICS, COM_RESET_CONNECTION and COM_QUIT are one byte. */
export function expectBareCommand(payload: Buffer): void {
  new PayloadReader(payload, 'packet_malformed', 1).expectEnd();
}

/** What the session knows of a prepared statement when it is executed. */
export interface PreparedParameters {
  readonly parameterCount: number;
  /** The types of the last execution that sent any: a client sends them once and then leaves them out. */
  readonly types?: readonly ParameterType[];
  /** By parameter index: what COM_STMT_SEND_LONG_DATA brought since the last execution or reset. */
  readonly longData?: ReadonlyMap<number, Buffer>;
}

export interface ExecuteRequest {
  readonly statementId: number;
  /** 0, or CURSOR_TYPE_READ_ONLY. */
  readonly flags: number;
  /** Clients send 1, and servers do not look. */
  readonly iterationCount: number;
  /** To be kept for executions that send none. */
  readonly newTypes?: readonly ParameterType[];
  readonly values: readonly BoundValue[];
}

export const CURSOR_TYPE_NO_CURSOR = 0;
export const CURSOR_TYPE_READ_ONLY = 1;

/** Said of an execution without types where those of the ones before are not sure to be what the target has. */
export const TYPES_UNKNOWN = 'The types of the parameters were never sent, or came with an execution that failed.';

/** The id in COM_STMT_EXECUTE and COM_STMT_BULK_EXECUTE, to find the statement whose parameters decodeExecute() has to know. */
export function decodeExecuteId(payload: Buffer): number {
  return new PayloadReader(payload, 'packet_malformed', 1).uint32();
}

/**
 * Reads an execution with all its values, to the last byte.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_execute.html
 */
export function decodeExecute(payload: Buffer, prepared: PreparedParameters): ExecuteRequest {
  const reader = new PayloadReader(payload, 'packet_malformed', 1);
  const statementId = reader.uint32();
  const flags = reader.uint8();
  // FOR_UPDATE and SCROLLABLE were never built into a server; PARAMETER_COUNT_AVAILABLE belongs to query attributes.
  if (flags !== CURSOR_TYPE_NO_CURSOR && flags !== CURSOR_TYPE_READ_ONLY) {
    throw wireError('packet_malformed', 'The execution asks for a kind of cursor that does not exist.');
  }
  const head = { statementId, flags, iterationCount: reader.uint32() };
  if (prepared.parameterCount === 0) {
    // MariaDB's connectors say "types follow" of no parameters; servers stop reading before that byte.
    if (reader.remaining === 1 && payload[reader.offset] === 1) reader.skip(1);
    reader.expectEnd();
    return { ...head, values: [] };
  }
  const nullBitmapAt = reader.offset;
  reader.skip((prepared.parameterCount + 7) >> 3);
  const newTypes = reader.uint8() === 0 ? undefined : readTypes(reader, prepared.parameterCount);
  const types = newTypes ?? prepared.types;
  if (types?.length !== prepared.parameterCount) {
    throw wireError('packet_malformed', TYPES_UNKNOWN);
  }
  const { longData = NO_LONG_DATA } = prepared;
  const inline = types.map((type, index) => {
    // Long data goes before the NULL bit, in both servers, and nothing of the value is in this packet.
    if (longData.size > 0 && longData.has(index)) return LATER;
    const isNull = (payload.readUInt8(nullBitmapAt + (index >> 3)) & (1 << (index & 7))) !== 0;
    if (isNull) return nullValue(type);
    if (type.type === MYSQL_TYPE_NULL) throw wireError('packet_malformed', 'A parameter of type NULL is not NULL.');
    return readBinaryValue(reader, type);
  });
  reader.expectEnd();
  // Long data may be huge, so it is read only for a packet that is right in itself.
  const values =
    longData.size === 0
      ? inline
      : types.map((type, index) => {
          const content = longData.get(index);
          return content === undefined ? (inline[index] ?? LATER) : longDataValue(type, content);
        });
  return newTypes === undefined ? { ...head, values } : { ...head, newTypes, values };
}

/** Reads a type for each parameter, as executions send them. */
export function readTypes(reader: PayloadReader, parameterCount: number): readonly ParameterType[] {
  const types: ParameterType[] = [];
  for (let index = 0; index < parameterCount; index += 1) {
    const type = reader.uint8();
    const flag = reader.uint8();
    if (!isParameterTypeAllowed(type) || (flag !== 0 && flag !== PARAMETER_UNSIGNED_FLAG)) {
      throw wireError('packet_malformed', `Parameter ${index + 1} has a type that is not taken.`);
    }
    types.push({ type, unsigned: flag === PARAMETER_UNSIGNED_FLAG });
  }
  return types;
}
