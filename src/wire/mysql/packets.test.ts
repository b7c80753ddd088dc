import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeEof,
  decodeErr,
  decodeOk,
  encodeEof,
  encodeErr,
  encodeOk,
  ERROR_MESSAGE_BYTES_MAX,
  SERVER_SESSION_STATE_CHANGED,
  type OkPacket,
} from './packets.js';

const SEEDED = { seed: 46, numRuns: 200 };
const arbitraryUint64 = fc
  .bigInt({ min: 0n, max: 2n ** 64n - 1n })
  .map((value) => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value));

describe('an OK packet', () => {
  const arbitraryOk: fc.Arbitrary<OkPacket> = fc
    .record({
      affectedRows: arbitraryUint64,
      lastInsertId: arbitraryUint64,
      statusFlags: fc.nat({ max: 0xffff }),
      warnings: fc.nat({ max: 0xffff }),
      info: fc.string(),
      state: fc.uint8Array({ maxLength: 300 }),
    })
    .map(({ state, ...ok }) => {
      const changed = (ok.statusFlags & SERVER_SESSION_STATE_CHANGED) !== 0;
      return { ...ok, sessionState: changed ? Buffer.from(state) : undefined };
    });

  it('comes back as it was written, under either header', () => {
    fc.assert(
      fc.property(arbitraryOk, fc.constantFrom(0x00, 0xfe), (ok, header) => {
        expect(decodeOk(encodeOk(ok, true, header), true)).toEqual(ok);
      }),
      SEEDED,
    );
  });

  it('has all of its rest as info without session tracking', () => {
    const ok = {
      affectedRows: 1,
      lastInsertId: 0,
      statusFlags: 2,
      warnings: 0,
      info: 'all of it',
      sessionState: undefined,
    };
    expect(decodeOk(encodeOk(ok, false), false)).toEqual(ok);
  });

  it('may leave its info out', () => {
    expect(decodeOk(Buffer.from('00000002000000', 'hex'), true).info).toBe('');
  });

  it.each(['', '00', '000000020000', '0000000200000005', '0000000200000000ff', 'ff000002000000'])(
    'is refused as %s',
    (hex) => {
      expect(() => decodeOk(Buffer.from(hex, 'hex'), true)).toThrow(/^target_protocol_violation/);
    },
  );
});

describe('an ERR packet', () => {
  it('comes back as it was written', () => {
    const err = { errno: 1045, sqlState: '28000', message: 'Access denied' };
    expect(decodeErr(encodeErr(err))).toEqual(err);
  });

  it('has no SQLSTATE before the login', () => {
    const payload = Buffer.concat([Buffer.from([0xff, 0x10, 0x04]), Buffer.from('Too many connections')]);
    expect(decodeErr(payload)).toEqual({ errno: 1040, sqlState: 'HY000', message: 'Too many connections' });
  });

  it('has its message cut at a character, in both directions', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 120, maxLength: 700, unit: 'grapheme' }), (message) => {
        const payload = encodeErr({ errno: 1, sqlState: 'HY000', message });
        expect(payload.length).toBeLessThanOrEqual(9 + ERROR_MESSAGE_BYTES_MAX);
        expect(message.startsWith(decodeErr(payload).message)).toBe(true);
        const uncut = Buffer.concat([payload.subarray(0, 9), Buffer.from(message)]);
        expect(decodeErr(uncut)).toEqual(decodeErr(payload));
      }),
      SEEDED,
    );
  });

  it('is refused without a number', () => {
    expect(() => decodeErr(Buffer.from([0xff, 0x01]))).toThrow(/^target_protocol_violation/);
  });
});

describe('an EOF packet', () => {
  it('comes back as it was written, and has nothing behind it', () => {
    const eof = { warnings: 3, statusFlags: 0x22 };
    expect(decodeEof(encodeEof(eof))).toEqual(eof);
    expect(() => decodeEof(Buffer.concat([encodeEof(eof), Buffer.from([0])]))).toThrow(/^target_protocol_violation/);
  });
});
