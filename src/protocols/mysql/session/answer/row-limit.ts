import { PayloadReader, PayloadWriter, type Uint64 } from '../../wire/lenenc.js';
import {
  OK_HEADER,
  SERVER_SESSION_STATE_CHANGED,
  SERVER_STATUS_IN_TRANS,
  SERVER_STATUS_IN_TRANS_READONLY,
} from '../../wire/packets.js';

/** What an OK packet says of the rows that a statement hit. */
export interface ChangeCounts {
  readonly affectedRows: Uint64;
  readonly info: string;
}

/**
 * The rows that an INSERT, UPDATE, DELETE or REPLACE hit, those included that had the new value already: the larger of
 * the affected rows and of the first number of the info text, which is what matched (`Rows matched: 5  Changed: 3 …`) or
 * what was to be inserted (`Records: 3  Duplicates: 1 …`), in every language that a server says it in (lc_messages).
 * With CLIENT_FOUND_ROWS the affected rows of an UPDATE are those that matched already.
 *
 * A replaced row counts twice, as deleted and as inserted; so does one that ON DUPLICATE KEY UPDATE changed.
 */
export function rowsHit({ affectedRows, info }: ChangeCounts): bigint {
  const affected = BigInt(affectedRows);
  const first = /\d{1,20}/.exec(info)?.[0];
  const named = first === undefined ? 0n : BigInt(first);
  return named > affected ? named : affected;
}

// https://dev.mysql.com/doc/dev/mysql-server/latest/mysql__com_8h.html (enum_session_state_type)
const SESSION_TRACK_TRANSACTION_CHARACTERISTICS = 4;
const SESSION_TRACK_TRANSACTION_STATE = 5;
const OF_THE_TRANSACTION = new Set([SESSION_TRACK_TRANSACTION_CHARACTERISTICS, SESSION_TRACK_TRANSACTION_STATE]);

const IN_TRANSACTION = SERVER_STATUS_IN_TRANS | SERVER_STATUS_IN_TRANS_READONLY;

/**
 * The payload of an OK packet as its client would have got it without the gateway's own transaction around the
 * statement: no transaction is open in its status, and its session state says nothing of one. Any other packet comes
 * back as it is. `sessionTrack`: CLIENT_SESSION_TRACK is agreed on.
 * @throws BrokerError `target_protocol_violation`
 */
export function withoutTransaction(payload: Buffer, sessionTrack: boolean): Buffer {
  if (payload[0] !== OK_HEADER) return payload;
  const reader = new PayloadReader(payload, 'target_protocol_violation', 1);
  reader.lenencInteger();
  reader.lenencInteger();
  const statusAt = reader.offset;
  const status = reader.uint16();
  reader.skip(2);
  const infoAt = reader.offset;
  const hasState = sessionTrack && (status & SERVER_SESSION_STATE_CHANGED) !== 0 && reader.remaining > 0;
  if (!hasState) return withStatus(payload, statusAt, status & ~IN_TRANSACTION);
  reader.lenencBytes();
  const stateAt = reader.offset;
  const said = reader.remaining > 0 ? reader.lenencBytes() : Buffer.alloc(0);
  const left = withoutTransactionState(said);
  if (left.length === said.length) return withStatus(payload, statusAt, status & ~IN_TRANSACTION);
  const writer = new PayloadWriter().bytes(payload.subarray(0, stateAt));
  if (left.length > 0) {
    return withStatus(writer.lenencBytes(left).finish(), statusAt, status & ~IN_TRANSACTION);
  }
  // Without a session state servers leave an empty info out.
  const rest = payload[infoAt] === 0 ? payload.subarray(0, infoAt) : payload.subarray(0, stateAt);
  return withStatus(rest, statusAt, status & ~IN_TRANSACTION & ~SERVER_SESSION_STATE_CHANGED);
}

function withStatus(payload: Buffer, at: number, status: number): Buffer {
  const patched = Buffer.from(payload);
  patched.writeUInt16LE(status, at);
  return patched;
}

function withoutTransactionState(state: Buffer): Buffer {
  const reader = new PayloadReader(state, 'target_protocol_violation');
  const kept: Buffer[] = [];
  while (reader.remaining > 0) {
    const at = reader.offset;
    const tracker = reader.uint8();
    reader.lenencBytes();
    if (!OF_THE_TRANSACTION.has(tracker)) kept.push(state.subarray(at, reader.offset));
  }
  return Buffer.concat(kept);
}
