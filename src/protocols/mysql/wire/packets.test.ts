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

const RECORDS = '265265636f7264733a203220204475706c6963617465733a203020205761726e696e67733a2030';
const MATCHED = '28526f7773206d6174636865643a203320204368616e6765643a203220205761726e696e67733a2030';

/** As MariaDB 10.11 and MySQL 9.7 sent them, the same bytes both, on a loopback connection. */
const CAPTURED = [
  {
    name: 'INSERT of two rows without session tracking',
    tracked: false,
    hex: `00020002000000${RECORDS}`,
    ok: { affectedRows: 2, info: 'Records: 2  Duplicates: 0  Warnings: 0' },
  },
  {
    name: 'INSERT of two rows with session tracking',
    tracked: true,
    hex: `00020002000000${RECORDS}`,
    ok: { affectedRows: 2, info: 'Records: 2  Duplicates: 0  Warnings: 0' },
  },
  {
    name: 'UPDATE without session tracking',
    tracked: false,
    hex: `00020022000000${MATCHED}`,
    ok: { affectedRows: 2, info: 'Rows matched: 3  Changed: 2  Warnings: 0' },
  },
  {
    name: 'UPDATE with session tracking',
    tracked: true,
    hex: `00020022000000${MATCHED}`,
    ok: { affectedRows: 2, info: 'Rows matched: 3  Changed: 2  Warnings: 0' },
  },
  {
    name: 'INSERT of one row, which has no info',
    tracked: false,
    hex: '00010002000000',
    ok: { affectedRows: 1, info: '', sessionState: undefined },
  },
  {
    name: 'USE with session tracking: an empty info before the session state',
    tracked: true,
    hex: '0000000240000000050103027a7a',
    ok: { info: '', sessionState: Buffer.from('0103027a7a', 'hex') },
  },
  { name: 'USE without session tracking', tracked: false, hex: '00000002000000', ok: { info: '' } },
  {
    name: 'DROP DATABASE of the current one with session tracking: the name becomes empty',
    tracked: true,
    hex: '000000024100000003010100',
    ok: { info: '', sessionState: Buffer.from('010100', 'hex') },
  },
  { name: 'the end of rows', tracked: true, hex: 'fe000022000000', ok: { info: '', statusFlags: 0x22 } },
];

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

  it('comes back as it was written without session tracking, its info at most 64 KiB', () => {
    const info = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.nat({ max: 0xffff }).map((length) => 'x'.repeat(length)),
    );
    fc.assert(
      fc.property(arbitraryOk, info, (made, text) => {
        const ok = { ...made, info: text, sessionState: undefined };
        expect(decodeOk(encodeOk(ok, false), false)).toEqual(ok);
      }),
      SEEDED,
    );
  });

  it('has all of its rest as info without session tracking where no length stands before it', () => {
    for (const info of ['all of it', '\u0008all of it', 'x'.repeat(300), '\u00fc', '']) {
      const payload = Buffer.concat([Buffer.from('00010002000000', 'hex'), Buffer.from(info)]);
      expect(decodeOk(payload, false).info).toBe(info);
    }
  });

  describe.each(CAPTURED)('of a real server, $name', ({ hex, tracked, ...expected }) => {
    it('is read to its end and written the same', () => {
      const payload = Buffer.from(hex, 'hex');
      const ok = decodeOk(payload, tracked);
      expect(ok).toMatchObject(expected.ok);
      expect(encodeOk(ok, tracked, payload[0] === 0xfe ? 0xfe : 0x00).toString('hex')).toBe(hex);
    });
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
