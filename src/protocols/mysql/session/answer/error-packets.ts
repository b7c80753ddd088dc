import { sentenceOf } from '../../../../kernel/errors.js';
import type { ErrorCode } from '../../../../kernel/errors/error-table.js';
import { wireCodeOf } from '../../wire-codes.js';
import { encodePackets } from '../../wire/packet.js';
import { encodeErr, type ErrPacket } from '../../wire/packets.js';

/** A refusal of the broker's own, as the wire and a recording's result carry it. */
export function errorOf(code: ErrorCode, detail: string | undefined): ErrPacket {
  return { ...wireCodeOf(code), message: sentenceOf(code, detail) };
}

/** What a client is told, as a packet. */
export function errPacket(code: ErrorCode, sequenceId: number, detail?: string): Buffer {
  return packetOf(errorOf(code, detail), sequenceId);
}

export function packetOf(error: ErrPacket, sequenceId: number): Buffer {
  return encodePackets(sequenceId & 0xff, encodeErr(error));
}
