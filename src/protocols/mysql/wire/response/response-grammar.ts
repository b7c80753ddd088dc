import { assert } from '../../../../kernel/assert.js';
import {
  CLIENT_COMPRESS,
  CLIENT_DEPRECATE_EOF,
  CLIENT_OPTIONAL_RESULTSET_METADATA,
  CLIENT_PROTOCOL_41,
  CLIENT_SESSION_TRACK,
  CLIENT_ZSTD_COMPRESSION_ALGORITHM,
  hasCapability,
} from '../login/capabilities.js';
import { answersInBinary, responseOf } from '../commands.js';
import { PayloadReader } from '../lenenc.js';
import {
  decodeEof,
  decodeErr,
  decodeOk,
  encodeOk,
  EOF_HEADER,
  EOF_PAYLOAD_BYTES,
  ERR_HEADER,
  OK_HEADER,
  SERVER_MORE_RESULTS_EXISTS,
  SERVER_PS_OUT_PARAMS,
  SERVER_STATUS_CURSOR_EXISTS,
  type ErrPacket,
  type OkPacket,
} from '../packets.js';
import { violation } from '../wire-error.js';
import { type ExpectedPacket, FIRST_EXPECTED, LOCAL_INFILE_HEADER, PacketStartRules } from './expected-packet.js';
import {
  COLUMNS_MAX,
  copied,
  decodePreparedHead,
  okResult,
  type PreparedHead,
  type ResponseResult,
} from './response-result.js';
import { decodeSessionState } from './session-state.js';

/** Results of one statement. Each leaves an element behind, so an endless stream of them has to end somewhere. */
export const RESULTS_MAX = 65_536;

/** Bytes of all OK packets of one response, of which the infos and session states are kept until its end. */
export const RESULTS_BYTES_MAX = 16 * 1024 * 1024;

/** What MariaDB's progress reports carry in place of an error number. */
const ERRNO_PROGRESS_REPORT = 0xffff;

/**
 * Which packets a response is made of. The tracker shows it each payload's length and first byte, and it says whether
 * that payload is content to be stepped over or has to be read.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response.html
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_prepare.html
 */
export class ResponseGrammar {
  results: ResponseResult[] = [];
  error: ErrPacket | undefined;
  /** The payload of that error's packet: all of it, whatever its message has that `error` does not. */
  errorBytes = 0;
  prepared: PreparedHead | undefined;
  statusFlags = 0;
  /** Rows of the result set that has not ended. */
  rowsPending = 0;
  /** The largest first byte that a row may have here; a packet with a larger one needs a look. */
  rowFirstByteMax = 0;

  readonly #deprecateEof: boolean;
  readonly #startRules: PacketStartRules;
  readonly #sessionTrack: boolean;
  #expected: ExpectedPacket = 'done';
  #cursorRequested = false;
  #multipleResults = false;
  #columns = 0;
  #definitionsLeft = 0;
  /** Flags of the result set being read that MySQL says behind its columns and leaves out behind its rows. */
  #statusOfColumns = 0;
  /** Of the OK packets so far. */
  #resultsBytes = 0;

  constructor(capabilities: number) {
    assert(hasCapability(capabilities, CLIENT_PROTOCOL_41), 'the target speaks protocol 4.1');
    const changing = CLIENT_COMPRESS | CLIENT_ZSTD_COMPRESSION_ALGORITHM | CLIENT_OPTIONAL_RESULTSET_METADATA;
    assert((capabilities & changing) === 0, 'nothing was agreed on that changes the form of responses');
    this.#deprecateEof = hasCapability(capabilities, CLIENT_DEPRECATE_EOF);
    this.#startRules = new PacketStartRules(this.#deprecateEof);
    this.#sessionTrack = hasCapability(capabilities, CLIENT_SESSION_TRACK);
  }

  get done(): boolean {
    return this.#expected === 'done';
  }

  /** Rows are what comes now. */
  get inRows(): boolean {
    return this.#expected === 'rows';
  }

  begin(command: number, cursorRequested: boolean): void {
    assert(this.done, 'a response has ended before the next one starts');
    const response = responseOf(command);
    assert(response !== undefined, 'only allowed commands are sent to the target');
    this.#expected = FIRST_EXPECTED[response];
    this.#multipleResults = response === 'results';
    this.#cursorRequested = cursorRequested;
    this.rowFirstByteMax = answersInBinary(command) ? 0x00 : EOF_HEADER - 1;
    this.#columns = 0;
    this.#statusOfColumns = 0;
    this.#resultsBytes = 0;
    this.rowsPending = 0;
    if (this.results.length > 0) this.results = [];
    this.error = undefined;
    this.prepared = undefined;
  }

  /** Counts rows that the tracker stepped over by itself. */
  rowsPassed(count: number): void {
    this.rowsPending += count;
  }

  /** Says of a payload that starts whether it has to be read (true) or is stepped over; throws when it can be neither. */
  isControl(payloadBytes: number, first: number): boolean {
    return this.#startRules.isControl(this.#expected, payloadBytes, first, this.rowFirstByteMax);
  }

  /** A payload that was stepped over has ended. */
  contentEnded(): void {
    switch (this.#expected) {
      case 'rows':
        this.rowsPending += 1;
        return;
      case 'columns':
        this.#definitionsLeft -= 1;
        if (this.#definitionsLeft === 0) this.#expected = this.#deprecateEof ? 'rows' : 'columnsEnd';
        return;
      case 'parameters':
        this.#definitionsLeft -= 1;
        if (this.#definitionsLeft > 0) return;
        if (this.#deprecateEof) this.#expectPreparedColumns();
        else this.#expected = 'parametersEnd';
        return;
      case 'preparedColumns':
        this.#definitionsLeft -= 1;
        if (this.#definitionsLeft === 0) this.#expected = this.#deprecateEof ? 'done' : 'preparedColumnsEnd';
        return;
      case 'fieldList':
        this.#columns += 1;
        if (this.#columns > COLUMNS_MAX) throw violation('There are too many columns.');
        return;
      default:
        this.#expected = 'done';
    }
  }

  /**
   * Reads what nearly every result is made of besides its rows, where it stands in its chunk: the column count, and EOF.
   * False for everything else, which is read() then.
   */
  readInPlace(chunk: Buffer, start: number, payloadBytes: number): boolean {
    const first = chunk[start] ?? 0;
    switch (this.#expected) {
      case 'head':
        if (payloadBytes !== 1 || first === 0 || first >= LOCAL_INFILE_HEADER) return false;
        this.#expectColumns(first);
        return true;
      case 'columnsEnd':
      case 'rows': {
        if (first !== EOF_HEADER || payloadBytes !== EOF_PAYLOAD_BYTES || this.#deprecateEof) return false;
        const warnings = chunk.readUInt16LE(start + 1);
        const statusFlags = chunk.readUInt16LE(start + 3);
        if (this.#expected === 'rows') this.#endRows(warnings, statusFlags | this.#statusOfColumns, undefined);
        else this.#endColumns(warnings, statusFlags);
        return true;
      }
      default:
        return false;
    }
  }

  /** Reads a payload that isControl() asked for. What is kept of it is copied. */
  read(payload: Buffer): void {
    if (payload[0] === ERR_HEADER) {
      this.#readErr(payload);
      return;
    }
    switch (this.#expected) {
      case 'head':
        if (payload[0] === OK_HEADER) this.#readOk(payload);
        else this.#readColumnCount(payload);
        return;
      case 'okOnly':
        this.#readOk(payload);
        return;
      case 'columnsEnd':
        this.#readColumnsEnd(payload);
        return;
      case 'rows':
      case 'fieldList':
        this.#readRowsEnd(payload);
        return;
      case 'preparedHead':
        this.#readPreparedHead(payload);
        return;
      case 'parametersEnd':
        this.statusFlags = decodeEof(payload).statusFlags;
        this.#expectPreparedColumns();
        return;
      case 'preparedColumnsEnd':
        this.statusFlags = decodeEof(payload).statusFlags;
        this.#expected = 'done';
        return;
      default:
        assert(false, `nothing is read while ${this.#expected} is expected`);
    }
  }

  #readErr(payload: Buffer): void {
    const error = decodeErr(payload);
    // It was never offered, and a client that does not know it would take the report for the end of the response.
    if (error.errno === ERRNO_PROGRESS_REPORT) throw violation('The server sent a progress report.');
    this.error = error;
    this.errorBytes = payload.length;
    this.#expected = 'done';
  }

  #readOk(payload: Buffer): void {
    if (payload[0] !== OK_HEADER) throw violation('Another packet came where OK must come.');
    this.#end(okResult(this.#decodeOk(payload)));
  }

  #readColumnCount(payload: Buffer): void {
    const reader = new PayloadReader(payload, 'target_protocol_violation');
    const columns = reader.lenencInteger();
    reader.expectEnd();
    if (columns === 0) throw violation('A result has no columns.'); // zero is said in one way only: by an OK packet
    if (columns > COLUMNS_MAX) throw violation('There are too many columns.');
    this.#expectColumns(Number(columns));
  }

  #expectColumns(columns: number): void {
    this.#columns = columns;
    this.#definitionsLeft = columns;
    this.#expected = 'columns';
  }

  #readColumnsEnd(payload: Buffer): void {
    const { warnings, statusFlags } = decodeEof(payload);
    this.#endColumns(warnings, statusFlags);
  }

  #endColumns(warnings: number, statusFlags: number): void {
    if (this.#isCursor(statusFlags)) {
      this.#endRows(warnings, statusFlags, undefined);
      return;
    }
    this.#expected = 'rows';
    this.#statusOfColumns = outParametersFlags(statusFlags);
  }

  #readRowsEnd(payload: Buffer): void {
    if (!this.#deprecateEof) {
      const { warnings, statusFlags } = decodeEof(payload);
      this.#endRows(warnings, statusFlags | this.#statusOfColumns, undefined);
      return;
    }
    const { warnings, statusFlags, sessionState } = this.#decodeOk(payload);
    this.#endRows(warnings, statusFlags, copied(sessionState));
  }

  /** Its session state is read here once, so that the packet is refused before it is passed on. */
  #decodeOk(payload: Buffer): OkPacket {
    this.#resultsBytes += payload.length;
    if (this.#resultsBytes > RESULTS_BYTES_MAX) throw violation('The results say too much besides their rows.');
    const ok = decodeOk(payload, this.#sessionTrack);
    if (ok.sessionState !== undefined) decodeSessionState(ok.sessionState);
    return ok;
  }

  /** A result of a CALL is followed by others and is never after a cursor, whatever flags the procedure left set. */
  #isCursor(statusFlags: number): boolean {
    const flags = statusFlags & (SERVER_STATUS_CURSOR_EXISTS | SERVER_MORE_RESULTS_EXISTS);
    return this.#cursorRequested && flags === SERVER_STATUS_CURSOR_EXISTS;
  }

  #endRows(warnings: number, status: number, sessionState: Buffer | undefined): void {
    const rows = {
      kind: 'rows',
      columns: this.#columns,
      rows: this.rowsPending,
      warnings,
      status,
      sessionState,
    } as const;
    const isCursor = rows.rows === 0 && this.#isCursor(status);
    this.#end(isCursor ? { ...rows, cursor: true } : rows);
  }

  #end(result: ResponseResult): void {
    this.results.push(result);
    this.statusFlags = result.status;
    this.rowsPending = 0;
    this.#columns = 0;
    this.#statusOfColumns = 0;
    if ((result.status & SERVER_MORE_RESULTS_EXISTS) === 0) {
      this.#expected = 'done';
      return;
    }
    if (!this.#multipleResults) throw violation('More results are announced for a command that has one.');
    if (this.results.length === RESULTS_MAX) throw violation('There are too many results.');
    this.#expected = 'head';
  }

  #readPreparedHead(payload: Buffer): void {
    const head = decodePreparedHead(payload);
    if (head === undefined) {
      this.#readNothingPrepared(payload);
      return;
    }
    this.prepared = head;
    this.#definitionsLeft = head.parameterCount;
    if (head.parameterCount > 0) this.#expected = 'parameters';
    else this.#expectPreparedColumns();
  }

  /**
   * MySQL 9.7 forgets the error when it refuses to prepare SET GLOBAL or SET PERSIST for want of a privilege, and says OK
   * in place of it, although nothing is prepared. That OK says the status and, where it is tracked, the session state
   * that no packet before could carry; it has no other form than the one it is compared with. One of 12 bytes is no
   * head: in the place of the filler it has the type of its only change, and type 0 needs more than the three bytes
   * that are left.
   */
  #readNothingPrepared(payload: Buffer): void {
    const ok = { ...this.#decodeOk(payload), affectedRows: 0, lastInsertId: 0, warnings: 0, info: '' };
    if (!payload.equals(encodeOk(ok, this.#sessionTrack))) {
      throw violation('The head of a prepared statement is malformed.');
    }
    this.#end(okResult(ok));
  }

  #expectPreparedColumns(): void {
    this.#definitionsLeft = this.prepared?.columnCount ?? 0;
    this.#expected = this.#definitionsLeft > 0 ? 'preparedColumns' : 'done';
  }
}

/**
 * MySQL marks the row of OUT parameters, and that OK follows it, only in the EOF packet after its columns; the one
 * after the row says neither. https://dev.mysql.com/doc/c-api/9.7/en/c-api-prepared-call-statements.html
 */
function outParametersFlags(statusFlags: number): number {
  if ((statusFlags & SERVER_PS_OUT_PARAMS) === 0) return 0;
  return statusFlags & (SERVER_PS_OUT_PARAMS | SERVER_MORE_RESULTS_EXISTS);
}
