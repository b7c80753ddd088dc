import { isUtf8 } from 'node:buffer';
import { bitsValue, readBinaryValue } from '../values/bound-values.js';
import { answersInBinary, COM_STATISTICS, COM_STMT_FETCH } from '../commands.js';
import { MYSQL_TYPE_BIT } from '../values/field-types.js';
import { PayloadReader, type Uint64 } from '../lenenc.js';
import { PACKET_HEADER_BYTES, PACKET_PAYLOAD_BYTES_MAX } from '../packet.js';
import type { ErrPacket } from '../packets.js';
import { NO_FIRST_BYTE } from './expected-packet.js';
import { ResponseGrammar } from './response-grammar.js';
import type { PreparedHead, ResponseResult } from './response-result.js';
import { hasCapability, MARIADB_CLIENT_EXTENDED_METADATA, mariadbCapabilitiesOf } from '../login/capabilities.js';
import { decodeColumn, type ColumnDefinition } from './result-columns.js';

/** Rows that are decoded unless the caller says otherwise; those beyond it are only counted. */
export const DECODED_ROWS_MAX = 100_000;

/**
 * One row's values as people read them: texts as they are, numbers and dates as SQL writes them, bits as a number, and
 * bytes that are not UTF-8 as `0x…`.
 */
export type DecodedRow = readonly (string | null)[];

/** A value as it came: null, bytes, or what is no bytes as SQL writes it. */
export type RawValue = Buffer | string | null;

/** Some rows of one result, for the one who shows them a page at a time. */
export interface RowWindow {
  /** Which result of the response, from 0. */
  readonly result: number;
  /** The first row, from 0. */
  readonly from: number;
  readonly rows: number;
}

export type DecodedResult =
  | {
      readonly kind: 'ok';
      readonly affectedRows: Uint64;
      readonly lastInsertId: Uint64;
      readonly warnings: number;
      readonly info: string;
    }
  | {
      readonly kind: 'rows';
      readonly columns: readonly ColumnDefinition[];
      readonly rows: readonly DecodedRow[];
      /** All rows that came, decoded or not. */
      readonly rowCount: number;
      readonly warnings: number;
      /** False for the last result of a response that was cut short or that an error ended. */
      readonly complete: boolean;
    };

export interface DecodedResponse {
  readonly results: readonly DecodedResult[];
  readonly error: ErrPacket | undefined;
  readonly prepared: PreparedHead | undefined;
  /** What COM_STATISTICS is answered with. */
  readonly text: string | undefined;
  /** The rows of the window, where one was asked for. */
  readonly window?: readonly (readonly RawValue[])[];
  /** The response is here to its end. */
  readonly complete: boolean;
}

export interface DecodeResponseOptions {
  /** As agreed on with the target. */
  readonly capabilities: number;
  /** The command that is answered. */
  readonly command: number;
  /** COM_STMT_EXECUTE asked for a cursor. */
  readonly cursorRequested?: boolean;
  /** For COM_STMT_FETCH: the columns of the execution. Without them its rows are only counted. */
  readonly columns?: readonly ColumnDefinition[];
  readonly rowsMax?: number;
  readonly window?: RowWindow;
}

/**
 * Decodes a whole response as it came over the wire, packet headers included: for people, tests and the broker's own
 * few statements, not for the hot path. A response that was cut short gives what is there and says so.
 *
 * Throws `target_protocol_violation` for bytes that are no response.
 */
export function decodeResponse(response: Buffer, options: DecodeResponseOptions): DecodedResponse {
  const grammar = new ResponseGrammar(options.capabilities);
  grammar.begin(options.command, options.cursorRequested ?? false);
  const rowSet = new RowSet(options);
  const results: DecodedResult[] = [];
  let text: string | undefined;
  for (let packet = payloadAt(response, 0); packet !== undefined && !grammar.done;) {
    const { payload } = packet;
    const inRows = grammar.inRows;
    if (grammar.isControl(packet.firstPacketBytes, payload[0] ?? NO_FIRST_BYTE)) {
      const ended = grammar.results.length;
      grammar.read(payload);
      const result = grammar.results[ended];
      if (result !== undefined) results.push(rowSet.end(result));
    } else {
      if (options.command === COM_STATISTICS) text = payload.toString('utf8');
      else if (inRows) rowSet.addRow(payload);
      else rowSet.addColumn(payload);
      grammar.contentEnded();
    }
    packet = payloadAt(response, packet.end);
  }
  if (rowSet.isOpen && grammar.prepared === undefined) results.push(rowSet.cut());
  const { error, prepared } = grammar;
  const decoded = { results, error, prepared, text, complete: grammar.done };
  return options.window === undefined ? decoded : { ...decoded, window: rowSet.window };
}

/** The result set that is being put together. */
class RowSet {
  readonly #binary: boolean;
  readonly #isExtended: boolean;
  readonly #rowsMax: number;
  readonly #fetchedColumns: readonly ColumnDefinition[];
  readonly #ofFetch: boolean;
  readonly #wanted: RowWindow | undefined;
  readonly window: (readonly RawValue[])[] = [];
  /** Results that have ended. */
  #ended = 0;
  #columns: ColumnDefinition[] = [];
  #rows: DecodedRow[] = [];
  #rowCount = 0;

  constructor(options: DecodeResponseOptions) {
    this.#ofFetch = options.command === COM_STMT_FETCH;
    this.#binary = answersInBinary(options.command);
    const extended = mariadbCapabilitiesOf(options.capabilities);
    this.#isExtended = hasCapability(extended, MARIADB_CLIENT_EXTENDED_METADATA);
    this.#rowsMax = options.rowsMax ?? DECODED_ROWS_MAX;
    this.#fetchedColumns = options.columns ?? [];
    this.#wanted = options.window;
  }

  get isOpen(): boolean {
    return this.#columns.length > 0 || this.#rowCount > 0;
  }

  addColumn(payload: Buffer): void {
    this.#columns.push(decodeColumn(payload, this.#isExtended));
  }

  addRow(payload: Buffer): void {
    const columns = this.#ofFetch ? this.#fetchedColumns : this.#columns;
    this.#rowCount += 1;
    if (columns.length === 0) return;
    const isWanted = this.#isWanted(this.#rowCount - 1);
    if (!isWanted && this.#rowCount > this.#rowsMax) return;
    const row = this.#binary ? binaryRow(payload, columns) : textRow(payload, columns);
    if (isWanted) this.window.push(row);
    if (this.#rowCount <= this.#rowsMax) this.#rows.push(row.map(readable));
  }

  #isWanted(row: number): boolean {
    if (this.#wanted === undefined || this.#wanted.result !== this.#ended) return false;
    const { from, rows } = this.#wanted;
    return row >= from && row < from + rows;
  }

  end(result: ResponseResult): DecodedResult {
    if (result.kind === 'rows') return this.#close(result.warnings, true);
    this.#ended += 1;
    const { kind, affectedRows, lastInsertId, warnings, info } = result;
    return { kind, affectedRows, lastInsertId, warnings, info };
  }

  cut(): DecodedResult {
    return this.#close(0, false);
  }

  #close(warnings: number, complete: boolean): DecodedResult {
    const columns = this.#ofFetch ? this.#fetchedColumns : this.#columns;
    const result = { kind: 'rows', columns, rows: this.#rows, rowCount: this.#rowCount, warnings, complete } as const;
    this.#columns = [];
    this.#rows = [];
    this.#rowCount = 0;
    this.#ended += 1;
    return result;
  }
}

/** https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset_row.html */
function textRow(payload: Buffer, columns: readonly ColumnDefinition[]): readonly RawValue[] {
  const reader = new PayloadReader(payload, 'target_protocol_violation');
  const row = columns.map((column) => {
    const bytes = reader.lenencBytesOrNull();
    if (bytes === null) return null;
    return column.type === MYSQL_TYPE_BIT ? String(bitsValue(bytes, 'target_protocol_violation')) : bytes;
  });
  reader.expectEnd();
  return row;
}

/** https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html */
function binaryRow(payload: Buffer, columns: readonly ColumnDefinition[]): readonly RawValue[] {
  const reader = new PayloadReader(payload, 'target_protocol_violation', 1);
  // The first two bits of the bitmap are reserved.
  const nullBitmap = reader.bytes((columns.length + 2 + 7) >> 3);
  const row = columns.map((column, index) => {
    const bit = index + 2;
    if ((nullBitmap.readUInt8(bit >> 3) & (1 << (bit & 7))) !== 0) return null;
    const { value, encoding } = readBinaryValue(reader, column, 'target_protocol_violation', column.decimals);
    if (encoding === undefined || value === null) return value === null ? null : String(value);
    return Buffer.from(String(value), encoding);
  });
  reader.expectEnd();
  return row;
}

function readable(value: RawValue): string | null {
  if (!Buffer.isBuffer(value)) return value;
  return isUtf8(value) ? value.toString('utf8') : `0x${value.toString('hex')}`;
}

interface PayloadInResponse {
  readonly payload: Buffer;
  /** What the grammar judges by: a payload's first packet alone says what it is. */
  readonly firstPacketBytes: number;
  readonly end: number;
}

/** The payload that starts at an offset, put together over its packets; undefined when it is not there to its end. */
function payloadAt(response: Buffer, start: number): PayloadInResponse | undefined {
  const parts: Buffer[] = [];
  let at = start;
  for (;;) {
    if (at + PACKET_HEADER_BYTES > response.length) return undefined;
    const length = response.readUIntLE(at, 3);
    const end = at + PACKET_HEADER_BYTES + length;
    if (end > response.length) return undefined;
    parts.push(response.subarray(at + PACKET_HEADER_BYTES, end));
    at = end;
    if (length < PACKET_PAYLOAD_BYTES_MAX) break;
  }
  const [first] = parts;
  const payload = first !== undefined && parts.length === 1 ? first : Buffer.concat(parts);
  return { payload, firstPacketBytes: Math.min(payload.length, PACKET_PAYLOAD_BYTES_MAX), end: at };
}
