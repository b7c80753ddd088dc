import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../kernel/errors.js';
import { PayloadReader, PayloadWriter } from './lenenc.js';

const SEEDED = { seed: 41, numRuns: 300 };

describe('length-encoded integers', () => {
  it('come back as they were written, as numbers while those are exact', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const payload = new PayloadWriter(1).lenencInteger(value).finish();
        const reader = new PayloadReader(payload);
        const read = reader.lenencInteger();
        expect(BigInt(read)).toBe(value);
        expect(typeof read).toBe(value <= BigInt(Number.MAX_SAFE_INTEGER) ? 'number' : 'bigint');
        reader.expectEnd();
      }),
      SEEDED,
    );
  });

  it.each([
    [0, '00'],
    [250, 'fa'],
    [251, 'fcfb00'],
    [0xffff, 'fcffff'],
    [0x10000, 'fd000001'],
    [0xffffff, 'fdffffff'],
    [0x1000000, 'fe0000000100000000'],
    [2n ** 64n - 1n, 'feffffffffffffffff'],
  ])('write %s in the shortest form', (value, hex) => {
    expect(new PayloadWriter().lenencInteger(value).finish().toString('hex')).toBe(hex);
  });

  it.each(['fb', 'ff', 'fc00', 'fd0000', 'fe00000000000000', ''])('refuse %s', (hex) => {
    expect(() => new PayloadReader(Buffer.from(hex, 'hex')).lenencInteger()).toThrow(BrokerError);
  });
});

describe('a reader', () => {
  it('never gives more than the payload has, whatever length is announced', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const reader = new PayloadReader(Buffer.from(bytes));
        try {
          while (reader.remaining > 0) reader.lenencBytesOrNull();
        } catch (error) {
          expect(error).toMatchObject({ code: 'packet_malformed' });
        }
        expect(reader.offset).toBeLessThanOrEqual(bytes.length);
      }),
      SEEDED,
    );
  });

  it('refuses with the code it was given', () => {
    expect(() => new PayloadReader(Buffer.alloc(3), 'handshake_invalid').uint32()).toThrow(/^handshake_invalid/);
  });

  it('refuses bytes after the end', () => {
    expect(() => new PayloadReader(Buffer.alloc(1)).expectEnd()).toThrow(/^packet_malformed/);
  });

  it('refuses a NUL-terminated text that has no end or is too long', () => {
    expect(() => new PayloadReader(Buffer.from('abc')).nulTerminatedText(10, 'name')).toThrow(/no end/);
    expect(() => new PayloadReader(Buffer.from('abc\0')).nulTerminatedText(2, 'name')).toThrow(/longer than 2/);
    expect(new PayloadReader(Buffer.from('abc\0rest')).nulTerminatedText(3, 'name')).toBe('abc');
  });

  it('tells NULL from an empty text', () => {
    const reader = new PayloadReader(Buffer.from([0xfb, 0x00]));
    expect(reader.lenencBytesOrNull()).toBeNull();
    expect(reader.lenencBytesOrNull()).toEqual(Buffer.alloc(0));
  });
});

describe('a writer', () => {
  it('grows as far as it has to', () => {
    const payload = new PayloadWriter(1).uint8(1).uint16(2).uint24(3).uint32(4).zeros(2).lenencText('é').finish();
    expect(payload.toString('hex')).toBe('01020003000004000000000002c3a9');
  });

  it('does not write a NUL into a text that a NUL ends', () => {
    expect(() => new PayloadWriter().nulTerminatedText('a\0b')).toThrow(/Broken invariant/);
  });
});
