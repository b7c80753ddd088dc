import { describe, expect, it } from 'vitest';
import { encodePackets, PACKET_PAYLOAD_BYTES_MAX } from './packet.js';

describe('packets of a payload', () => {
  it('are one for a small payload, empty ones included', () => {
    expect(encodePackets(0, Buffer.from([0x0e])).toString('hex')).toBe('010000000e');
    expect(encodePackets(7, Buffer.alloc(0)).toString('hex')).toBe('00000007');
  });

  it('are two for a full payload, the second one empty, with ids that wrap', () => {
    const packets = encodePackets(255, Buffer.alloc(PACKET_PAYLOAD_BYTES_MAX, 0x61));
    expect(packets.subarray(0, 5).toString('hex')).toBe('ffffffff61');
    expect(packets.subarray(4 + PACKET_PAYLOAD_BYTES_MAX).toString('hex')).toBe('00000000');
  });

  it('carry what goes beyond a full one in the next', () => {
    const packets = encodePackets(0, Buffer.concat([Buffer.alloc(PACKET_PAYLOAD_BYTES_MAX), Buffer.from('rest')]));
    expect(packets.subarray(4 + PACKET_PAYLOAD_BYTES_MAX).toString('latin1')).toBe('\x04\0\0\x01rest');
  });
});
