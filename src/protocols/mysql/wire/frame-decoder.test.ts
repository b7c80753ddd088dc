import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, FrameDecoder } from './frame-decoder.js';
import { encodePackets, PACKET_PAYLOAD_BYTES_MAX } from './packet.js';
import { arbitraryCuts, split } from './splits.fixture.js';

const SEEDED = { seed: 42, numRuns: 300 };
const arbitraryPayloads = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 8 });

const decoderOf = (payloadBytesMax = 64 * 1024 * 1024) => new FrameDecoder({ payloadBytesMax });
const commandStream = (payloads: readonly Uint8Array[]) =>
  Buffer.concat(payloads.map((payload) => encodePackets(0, Buffer.from(payload))));

function pull(decoder: FrameDecoder): readonly Frame[] {
  const frames: Frame[] = [];
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame);
  return frames;
}

describe('a stream of commands', () => {
  it('gives the same frames however it is split, and every byte back as it came', () => {
    fc.assert(
      fc.property(arbitraryPayloads, arbitraryCuts, (payloads, cuts) => {
        const stream = commandStream(payloads);
        const decoder = decoderOf();
        const frames: Frame[] = [];
        for (const chunk of split(stream, cuts)) {
          decoder.push(chunk);
          frames.push(...pull(decoder));
        }
        expect(frames.map((frame) => frame.payload)).toEqual(payloads.map((payload) => Buffer.from(payload)));
        expect(frames.map((frame) => frame.commandByte)).toEqual(payloads.map((payload) => payload[0]));
        expect(Buffer.concat(frames.map((frame) => frame.wire))).toEqual(stream);
        expect(decoder.isEmpty).toBe(true);
      }),
      SEEDED,
    );
  });

  it('waits unread while the owner is busy, and is counted', () => {
    fc.assert(
      fc.property(arbitraryPayloads, arbitraryCuts, (payloads, cuts) => {
        const stream = commandStream(payloads);
        const decoder = decoderOf();
        for (const chunk of split(stream, cuts)) decoder.push(chunk);
        expect(decoder.bufferedBytes).toBe(stream.length);
        const first = decoder.next();
        expect(first?.payload).toEqual(Buffer.from(payloads[0] ?? []));
        expect(decoder.bufferedBytes).toBe(stream.length - (first?.wireBytes ?? 0));
        expect(pull(decoder)).toHaveLength(payloads.length - 1);
        expect(decoder.bufferedBytes).toBe(0);
      }),
      SEEDED,
    );
  });

  it('is cut without copying', () => {
    const chunk = commandStream([Buffer.from([3, 1]), Buffer.from([3, 2])]);
    const decoder = decoderOf();
    decoder.push(chunk);
    const [, second] = pull(decoder);
    expect(second?.payload.buffer).toBe(chunk.buffer);
    const alone = encodePackets(0, Buffer.from([0x0e]));
    decoder.push(alone);
    expect(decoder.next()?.wire).toBe(alone);
  });

  it('can be handed over where the peer stops speaking in packets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), arbitraryCuts, (tail, cuts) => {
        const decoder = decoderOf();
        decoder.push(Buffer.from([1, 0, 0, 0, 7]));
        expect(decoder.next()?.payload).toEqual(Buffer.from([7]));
        for (const chunk of split(Buffer.from(tail), cuts)) decoder.push(chunk);
        expect(decoder.takeUnread()).toEqual(Buffer.from(tail));
        expect(decoder.isEmpty).toBe(true);
      }),
      SEEDED,
    );
  });
});

describe('a payload of more than one packet', () => {
  it.each([
    ['a full packet and an empty one', PACKET_PAYLOAD_BYTES_MAX, 1],
    ['a full packet and a byte', PACKET_PAYLOAD_BYTES_MAX + 1, 1],
    ['two full packets and an empty one', 2 * PACKET_PAYLOAD_BYTES_MAX, 2],
  ])('is put together: %s', (_, payloadBytes, lastSequenceId) => {
    const payload = Buffer.alloc(payloadBytes, 'a long statement, ');
    const stream = encodePackets(0, payload);
    const decoder = decoderOf();
    let frame: Frame | undefined;
    for (let at = 0; at < stream.length; at += 65_536) {
      expect(frame).toBeUndefined();
      decoder.push(stream.subarray(at, at + 65_536));
      frame = decoder.next();
    }
    expect(frame?.payload.equals(payload)).toBe(true);
    expect(frame?.wire.equals(stream)).toBe(true);
    expect(frame).toMatchObject({ sequenceId: 0, lastSequenceId });
    expect(decoder.isEmpty).toBe(true);
  });

  it('is put together when it is whole in one chunk, and the next command follows', () => {
    const payload = Buffer.alloc(PACKET_PAYLOAD_BYTES_MAX, 1);
    const decoder = decoderOf();
    decoder.push(Buffer.concat([encodePackets(0, payload), encodePackets(0, Buffer.from([0x0e]))]));
    expect(decoder.next()?.payload.equals(payload)).toBe(true);
    expect(decoder.next()?.payload).toEqual(Buffer.from([0x0e]));
  });
});

describe('a refused stream', () => {
  it('is refused as soon as a header announces too much, and stays so', () => {
    const decoder = decoderOf(1000);
    decoder.push(Buffer.from([0xe9, 0x03, 0x00, 0x00]));
    expect(() => decoder.next()).toThrow(/^payload_too_large/);
    decoder.push(encodePackets(0, Buffer.from([0x0e])));
    expect(() => decoder.next()).toThrow(/^payload_too_large/);
  });

  it('may not pass the limit by going on in another packet', () => {
    const decoder = decoderOf(PACKET_PAYLOAD_BYTES_MAX);
    const full = encodePackets(0, Buffer.alloc(PACKET_PAYLOAD_BYTES_MAX)).subarray(0, -4);
    decoder.push(full);
    expect(decoder.next()).toBeUndefined();
    decoder.push(Buffer.from([1, 0, 0, 1]));
    expect(() => decoder.next()).toThrow(/^payload_too_large/);
  });

  it.each([
    ['a command that does not start at 0', [Buffer.from([1, 0, 0, 1, 3])]],
    ['a split command that does not start at 0', [Buffer.from([1, 0]), Buffer.from([0, 9, 3])]],
    ['a second command that counts on', [Buffer.from([1, 0, 0, 0, 3, 1, 0, 0, 1, 3])]],
  ])('has packets out of order: %s', (_, chunks) => {
    const decoder = decoderOf();
    for (const chunk of chunks) decoder.push(chunk);
    expect(() => pull(decoder)).toThrow(/^packets_out_of_order/);
    expect(() => decoder.next()).toThrow(/^packets_out_of_order/);
  });

  it('has a continuation out of order', () => {
    const decoder = decoderOf();
    decoder.push(encodePackets(0, Buffer.alloc(PACKET_PAYLOAD_BYTES_MAX)).subarray(0, -4));
    decoder.push(Buffer.from([0, 0, 0, 2]));
    expect(() => decoder.next()).toThrow(/^packets_out_of_order/);
  });
});

describe('the expected sequence id', () => {
  it('holds for one frame, then commands start at 0 again', () => {
    const decoder = decoderOf();
    decoder.expectSequence(3);
    decoder.push(Buffer.concat([encodePackets(3, Buffer.from('login')), encodePackets(0, Buffer.from([0x0e]))]));
    expect(decoder.next()).toMatchObject({ sequenceId: 3, lastSequenceId: 3 });
    expect(decoder.next()).toMatchObject({ sequenceId: 0 });
  });

  it('is held against a frame that has begun', () => {
    const decoder = decoderOf();
    decoder.push(Buffer.from([5, 0, 0, 0, 1]));
    expect(decoder.next()).toBeUndefined();
    decoder.expectSequence(3);
    expect(() => decoder.next()).toThrow(/^packets_out_of_order/);
  });
});
