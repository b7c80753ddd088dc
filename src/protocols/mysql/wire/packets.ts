import { assert } from '../../../kernel/assert.js';
import { cutUtf8 } from '../../../kernel/utf8.js';
import { PayloadReader, PayloadWriter, type Uint64 } from './lenenc.js';
import { wireError } from './wire-error.js';

/**
 * The generic answers OK, ERR and EOF, as of protocol 4.1.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_response_packets.html
 */

export const OK_HEADER = 0x00;
export const ERR_HEADER = 0xff;
/** Of an EOF packet, and of the OK packet that takes its place at the end of rows under CLIENT_DEPRECATE_EOF. */
export const EOF_HEADER = 0xfe;

export const EOF_PAYLOAD_BYTES = 5;
export const OK_PAYLOAD_BYTES_MIN = 7;

// https://dev.mysql.com/doc/dev/mysql-server/latest/mysql__com_8h.html#a1d854e841086925be1883e4d7b4e8cad
export const SERVER_STATUS_IN_TRANS = 1;
export const SERVER_STATUS_AUTOCOMMIT = 1 << 1;
export const SERVER_MORE_RESULTS_EXISTS = 1 << 3;
export const SERVER_QUERY_NO_GOOD_INDEX_USED = 1 << 4;
export const SERVER_QUERY_NO_INDEX_USED = 1 << 5;
export const SERVER_STATUS_CURSOR_EXISTS = 1 << 6;
export const SERVER_STATUS_LAST_ROW_SENT = 1 << 7;
export const SERVER_STATUS_DB_DROPPED = 1 << 8;
export const SERVER_STATUS_NO_BACKSLASH_ESCAPES = 1 << 9;
export const SERVER_STATUS_METADATA_CHANGED = 1 << 10;
export const SERVER_QUERY_WAS_SLOW = 1 << 11;
export const SERVER_PS_OUT_PARAMS = 1 << 12;
export const SERVER_STATUS_IN_TRANS_READONLY = 1 << 13;
export const SERVER_SESSION_STATE_CHANGED = 1 << 14;
/** MariaDB only: the session uses the ANSI_QUOTES SQL mode. */
export const SERVER_STATUS_ANSI_QUOTES = 1 << 15;

/** Both servers cut their messages at 512 bytes. */
export const ERROR_MESSAGE_BYTES_MAX = 512;
const SQL_STATE_BYTES = 5;
const SQL_STATE_MARKER = 0x23; // '#'
const SQL_STATE_UNKNOWN = 'HY000';
const SQL_STATE_FORM = /^[\x20-\x7e]{5}$/;

export interface OkPacket {
  readonly affectedRows: Uint64;
  readonly lastInsertId: Uint64;
  readonly statusFlags: number;
  readonly warnings: number;
  /** Human text, for example `Rows matched: 1  Changed: 1  Warnings: 0`. */
  readonly info: string;
  /** What changed in the session, for decodeSessionState; undefined when the server reports nothing. */
  readonly sessionState: Buffer | undefined;
}

export interface ErrPacket {
  readonly errno: number;
  readonly sqlState: string;
  readonly message: string;
}

export interface EofPacket {
  readonly warnings: number;
  readonly statusFlags: number;
}

export function isErrPacket(payload: Buffer): boolean {
  return payload[0] === ERR_HEADER;
}

/**
 * Reads an OK packet of a target, also one with the header of an EOF packet. The session state is there only under
 * CLIENT_SESSION_TRACK, and the flag in the status alone decides whether its bytes follow, so without that capability
 * all of the rest is `info`: as the documents have it bare, as both servers send it after its length.
 */
export function decodeOk(payload: Buffer, sessionTrack: boolean): OkPacket {
  const reader = new PayloadReader(payload, 'target_protocol_violation');
  const header = reader.uint8();
  if (header !== OK_HEADER && header !== EOF_HEADER) {
    throw wireError('target_protocol_violation', 'The packet is not an OK packet.');
  }
  const affectedRows = reader.lenencInteger();
  const lastInsertId = reader.lenencInteger();
  const statusFlags = reader.uint16();
  const warnings = reader.uint16();
  const ok = { affectedRows, lastInsertId, statusFlags, warnings };
  if (!sessionTrack) return { ...ok, info: lastInfo(reader.rest()), sessionState: undefined };
  // A server may leave out an empty info, but not when something follows it.
  const info = reader.remaining > 0 ? reader.lenencText() : '';
  const changed = (statusFlags & SERVER_SESSION_STATE_CHANGED) !== 0;
  const sessionState = changed && reader.remaining > 0 ? reader.lenencBytes() : undefined;
  reader.expectEnd();
  return { ...ok, info, sessionState };
}

/** The bytes that the length of a text can take in front of it. */
const LENGTH_BYTES = [1, 3, 4];

/** The info that nothing follows: without its length, if it begins with one that reaches exactly to the end. */
function lastInfo(rest: Buffer): string {
  if (rest.length === 0) return '';
  const ahead = LENGTH_BYTES.find((bytes) => {
    if (rest.length < bytes) return false;
    const length = new PayloadWriter().lenencInteger(rest.length - bytes).finish();
    return length.length === bytes && rest.subarray(0, bytes).equals(length);
  });
  return rest.toString('utf8', ahead ?? 0);
}

/** Writes an OK packet as both servers do: a length before its info, with session tracking or without. */
export function encodeOk(ok: OkPacket, sessionTrack: boolean, header: 0x00 | 0xfe = OK_HEADER): Buffer {
  const changed = (ok.statusFlags & SERVER_SESSION_STATE_CHANGED) !== 0;
  assert(changed || ok.sessionState === undefined, 'a session state goes with its flag');
  const writer = new PayloadWriter()
    .uint8(header)
    .lenencInteger(ok.affectedRows)
    .lenencInteger(ok.lastInsertId)
    .uint16(ok.statusFlags)
    .uint16(ok.warnings);
  assert(sessionTrack || ok.sessionState === undefined, 'a session state goes with its capability');
  if (ok.info !== '' || ok.sessionState !== undefined) writer.lenencText(ok.info);
  if (ok.sessionState !== undefined) writer.lenencBytes(ok.sessionState);
  return writer.finish();
}

/** Reads an ERR packet of a target. Before the login there is no SQLSTATE in it: `#` says whether there is one. */
export function decodeErr(payload: Buffer): ErrPacket {
  const reader = new PayloadReader(payload, 'target_protocol_violation');
  if (reader.uint8() !== ERR_HEADER) throw wireError('target_protocol_violation', 'The packet is not an ERR packet.');
  const errno = reader.uint16();
  const withSqlState = reader.remaining > SQL_STATE_BYTES && payload[reader.offset] === SQL_STATE_MARKER;
  if (withSqlState) reader.skip(1);
  const given = withSqlState ? reader.bytes(SQL_STATE_BYTES).toString('latin1') : SQL_STATE_UNKNOWN;
  const sqlState = SQL_STATE_FORM.test(given) ? given : SQL_STATE_UNKNOWN;
  return { errno, sqlState, message: cutUtf8(reader.rest(), ERROR_MESSAGE_BYTES_MAX) };
}

/** Writes an ERR packet for a client; a message that is too long is cut at a character. */
export function encodeErr(err: ErrPacket): Buffer {
  assert(err.sqlState.length === SQL_STATE_BYTES, 'an SQLSTATE has five characters');
  return new PayloadWriter()
    .uint8(ERR_HEADER)
    .uint16(err.errno)
    .uint8(SQL_STATE_MARKER)
    .text(err.sqlState)
    .text(cutUtf8(Buffer.from(err.message, 'utf8'), ERROR_MESSAGE_BYTES_MAX))
    .finish();
}

export function decodeEof(payload: Buffer): EofPacket {
  const reader = new PayloadReader(payload, 'target_protocol_violation');
  if (reader.uint8() !== EOF_HEADER) throw wireError('target_protocol_violation', 'The packet is not an EOF packet.');
  const eof = { warnings: reader.uint16(), statusFlags: reader.uint16() };
  reader.expectEnd();
  return eof;
}

export function encodeEof(eof: EofPacket): Buffer {
  return new PayloadWriter().uint8(EOF_HEADER).uint16(eof.warnings).uint16(eof.statusFlags).finish();
}
