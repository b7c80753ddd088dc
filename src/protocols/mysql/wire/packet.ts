/**
 * A payload travels in packets: three bytes of length, one of sequence id, then that many bytes.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
 */

export const PACKET_HEADER_BYTES = 4;

/** The most that one packet carries. A payload of this size or more goes on in the next packet. */
export const PACKET_PAYLOAD_BYTES_MAX = 0xffffff;

/**
 * A payload as packets, the first with the given sequence id, ids wrapping from 255 to 0. The last packet is always
 * shorter than the maximum: a payload of a whole number of maxima gets an empty one, or the reader would wait for more.
 */
export function encodePackets(sequenceId: number, payload: Buffer): Buffer {
  const packetCount = Math.floor(payload.length / PACKET_PAYLOAD_BYTES_MAX) + 1;
  const packets = Buffer.allocUnsafe(payload.length + packetCount * PACKET_HEADER_BYTES);
  let at = 0;
  for (let index = 0; index < packetCount; index += 1) {
    const start = index * PACKET_PAYLOAD_BYTES_MAX;
    const length = Math.min(payload.length - start, PACKET_PAYLOAD_BYTES_MAX);
    packets.writeUIntLE(length, at, 3);
    packets.writeUInt8((sequenceId + index) & 0xff, at + 3);
    payload.copy(packets, at + PACKET_HEADER_BYTES, start, start + length);
    at += PACKET_HEADER_BYTES + length;
  }
  return packets;
}

/** The id that follows: one byte, so 255 is followed by 0. */
export function nextSequenceId(sequenceId: number): number {
  return (sequenceId + 1) & 0xff;
}
