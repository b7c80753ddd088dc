import { sentenceOf } from '../../../../kernel/errors.js';
import type { ErrorCode } from '../../../../kernel/errors/error-table.js';
import { wireCodeOf } from '../../wire-codes.js';
import { encodePackets } from '../../wire/packet.js';
import { encodeErr, ERROR_MESSAGE_BYTES_MAX, type ErrPacket } from '../../wire/packets.js';

/**
 * A refusal of the broker's own, as the wire and a recording's result carry it. A long reason of an approver is cut, and not what
 * follows it: clients find the code at the end.
 */
export function errorOf(code: ErrorCode, detail: string | undefined): ErrPacket {
  return { ...wireCodeOf(code), message: sentenceOf(code, detail, ERROR_MESSAGE_BYTES_MAX) };
}

/** What a client is told, as a packet. */
export function errPacket(code: ErrorCode, sequenceId: number, detail?: string): Buffer {
  return packetOf(errorOf(code, detail), sequenceId);
}

export function packetOf(error: ErrPacket, sequenceId: number): Buffer {
  return encodePackets(sequenceId & 0xff, encodeErr(error));
}
