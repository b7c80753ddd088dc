import { assert } from '../../../../kernel/assert.js';
import { CLIENT_SESSION_TRACK, hasCapability } from '../../wire/login/capabilities.js';
import { COM_STMT_RESET, COM_STMT_SEND_LONG_DATA } from '../../wire/commands.js';
import type { Frame } from '../../wire/frame-decoder.js';
import { PayloadWriter } from '../../wire/lenenc.js';
import { encodePackets, PACKET_HEADER_BYTES } from '../../wire/packet.js';
import {
  encodeOk,
  EOF_HEADER,
  EOF_PAYLOAD_BYTES,
  SERVER_STATUS_ANSI_QUOTES,
  SERVER_STATUS_AUTOCOMMIT,
  SERVER_STATUS_IN_TRANS,
  SERVER_STATUS_IN_TRANS_READONLY,
  SERVER_STATUS_NO_BACKSLASH_ESCAPES,
} from '../../wire/packets.js';
import type { CommandRequest, StatementRequest } from '../request.js';
import type { Operation } from '../machine/operation.js';
import type { PreparedStatement } from './prepared-statements.js';

/**
 * A held statement is prepared at the target when it is executed, with the privileges that its approval gave it. Until
 * then its client has an id of the gateway's own and the answer of a rehearsal. This file is what that means on the wire.
 */

/** After the command's byte; of the head of a prepared statement after its status. */
const STATEMENT_ID_AT = PACKET_HEADER_BYTES + 1;
const STATEMENT_ID_BYTES = 4;
/** Of the status flags those that are about the session, not about its last answer. */
const LASTING_FLAGS =
  SERVER_STATUS_IN_TRANS |
  SERVER_STATUS_AUTOCOMMIT |
  SERVER_STATUS_NO_BACKSLASH_ESCAPES |
  SERVER_STATUS_IN_TRANS_READONLY |
  SERVER_STATUS_ANSI_QUOTES;

/** The answer of a rehearsal as this session's: with its id and the status that the session has. */
export function answerAs(
  answer: Buffer,
  { statementId, statusFlags }: { readonly statementId: number; readonly statusFlags: number },
): Buffer {
  const own = Buffer.from(answer);
  own.writeUInt32LE(statementId, STATEMENT_ID_AT);
  for (let at = 0; at < own.length; at += PACKET_HEADER_BYTES + own.readUIntLE(at, 3)) {
    // No column's definition begins so: its first value is a short text.
    const isEof = own.readUIntLE(at, 3) === EOF_PAYLOAD_BYTES && own[at + PACKET_HEADER_BYTES] === EOF_HEADER;
    if (isEof) own.writeUInt16LE(statusFlags & LASTING_FLAGS, at + PACKET_HEADER_BYTES + 3);
  }
  return own;
}

/** What the target is sent for a command, each statement by the id that the target knows it by; undefined for nothing. */
export function wireFor({ frame, request }: Pick<Operation, 'frame' | 'request'>): Buffer | undefined {
  const prepared = preparedOf(request);
  // −1 is another statement to a target which the gateway has prepared one of its own at meanwhile.
  if (prepared === undefined || prepared.targetId === idIn(frame)) return frame.wire;
  if (prepared.targetId === undefined) {
    assert(request.kind === 'command', 'what is executed is prepared at the target');
    return undefined;
  }
  const wire = Buffer.from(frame.wire);
  assert(wire.length >= STATEMENT_ID_AT + STATEMENT_ID_BYTES, 'the command names a statement');
  wire.writeUInt32LE(prepared.targetId, STATEMENT_ID_AT);
  return wire;
}

function idIn({ payload }: Frame): number {
  return payload.readUInt32LE(STATEMENT_ID_AT - PACKET_HEADER_BYTES);
}

/** The answer to a command that the target is not sent since it does not know the statement yet. */
export function answerInPlace(
  { request, requestSequenceId }: Pick<Operation, 'request' | 'requestSequenceId'>,
  statusFlags: number,
  capabilities: number,
): Buffer | undefined {
  if (request.command !== COM_STMT_RESET || preparedOf(request)?.targetId !== undefined) return undefined;
  const nothing = { affectedRows: 0, lastInsertId: 0, warnings: 0, info: '', sessionState: undefined };
  const ok = encodeOk(
    { ...nothing, statusFlags: statusFlags & LASTING_FLAGS },
    hasCapability(capabilities, CLIENT_SESSION_TRACK),
  );
  return encodePackets((requestSequenceId + 1) & 0xff, ok);
}

/** The values that came in pieces while the target did not know the statement, as it must be sent them now. */
export function longDataFor(targetId: number, values: ReadonlyMap<number, Buffer>): readonly Buffer[] {
  return [...values].map(([parameter, value]) =>
    encodePackets(
      0,
      new PayloadWriter(value.length + 16)
        .uint8(COM_STMT_SEND_LONG_DATA)
        .uint32(targetId)
        .uint16(parameter)
        .bytes(value)
        .finish(),
    ),
  );
}

/** Whether it executes what the target does not know yet. */
export function isDeferred({ executed }: StatementRequest): boolean {
  return executed !== undefined && executed.prepared.targetId === undefined;
}

function preparedOf(request: StatementRequest | CommandRequest): PreparedStatement | undefined {
  return request.kind === 'statement' ? request.executed?.prepared : request.prepared;
}
