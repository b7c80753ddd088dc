import { describe, expect, it } from 'vitest';
import { readBinaryValue } from './bound-values.js';
import * as types from './field-types.js';
import { PayloadReader } from '../lenenc.js';

function read(type: number, hex: string, unsigned = false, decimals = 0) {
  const reader = new PayloadReader(Buffer.from(hex, 'hex'));
  const { type: name, ...value } = readBinaryValue(reader, { type, unsigned }, 'packet_malformed', decimals);
  reader.expectEnd();
  expect(name).toBe(types.fieldTypeName(type));
  return value;
}

describe('numbers', () => {
  it('have their sign', () => {
    expect(read(types.MYSQL_TYPE_TINY, 'ff')).toEqual({ value: -1 });
    expect(read(types.MYSQL_TYPE_TINY, 'ff', true)).toEqual({ value: 255, unsigned: true });
    expect(read(types.MYSQL_TYPE_SHORT, 'd4fe')).toEqual({ value: -300 });
    expect(read(types.MYSQL_TYPE_SHORT, 'd4fe', true)).toEqual({ value: 65236, unsigned: true });
    expect(read(types.MYSQL_TYPE_LONG, 'ffffffff', true)).toEqual({ value: 4294967295, unsigned: true });
    expect(read(types.MYSQL_TYPE_INT24, '90eefeff')).toEqual({ value: -70000 });
    expect(read(types.MYSQL_TYPE_YEAR, 'ea07')).toEqual({ value: 2026 });
  });

  it('of 64 bits are texts when a number could not hold them', () => {
    expect(read(types.MYSQL_TYPE_LONGLONG, 'ffffffffffff1f00')).toEqual({ value: Number.MAX_SAFE_INTEGER });
    expect(read(types.MYSQL_TYPE_LONGLONG, '0000000000002000')).toEqual({ value: '9007199254740992' });
    expect(read(types.MYSQL_TYPE_LONGLONG, '0000000000000080')).toEqual({ value: '-9223372036854775808' });
  });

  it('of 64 bits lose no digit, with a sign and without', () => {
    const near = [0n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 52n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n];
    for (const size of near.flatMap((value) => [value - 1n, value, value + 1n])) {
      for (const value of [size, -size].filter((given) => BigInt.asIntN(64, given) === given)) {
        const bytes = Buffer.alloc(8);
        bytes.writeBigInt64LE(value);
        const signed = readBinaryValue(new PayloadReader(bytes), { type: types.MYSQL_TYPE_LONGLONG, unsigned: false });
        expect(BigInt(signed.value ?? '')).toBe(value);
        const unsigned = readBinaryValue(new PayloadReader(bytes), { type: types.MYSQL_TYPE_LONGLONG, unsigned: true });
        expect(BigInt(unsigned.value ?? '')).toBe(BigInt.asUintN(64, value));
        for (const given of [signed.value, unsigned.value]) {
          expect(typeof given).toBe(Number.isSafeInteger(Number(given)) ? 'number' : 'string');
        }
      }
    }
  });

  it('of floating point are the shortest that they are', () => {
    expect(read(types.MYSQL_TYPE_FLOAT, 'cdcccc3d')).toEqual({ value: 0.1 });
    expect(read(types.MYSQL_TYPE_DOUBLE, '000000000000f43f')).toEqual({ value: 1.25 });
    expect(read(types.MYSQL_TYPE_FLOAT, '0000c07f')).toEqual({ value: 'NaN' });
    expect(read(types.MYSQL_TYPE_DOUBLE, '000000000000f0ff')).toEqual({ value: '-Infinity' });
  });

  it('of bits are the number they are', () => {
    expect(read(types.MYSQL_TYPE_BIT, '020201')).toEqual({ value: 513 });
    expect(() => read(types.MYSQL_TYPE_BIT, '00')).toThrow(/^packet_malformed/);
  });
});

describe('dates and times', () => {
  it('have only the parts that came', () => {
    expect(read(types.MYSQL_TYPE_DATE, '00')).toEqual({ value: '0000-00-00' });
    expect(read(types.MYSQL_TYPE_DATE, '04ea07011f')).toEqual({ value: '2026-01-31' });
    expect(read(types.MYSQL_TYPE_DATETIME, '00')).toEqual({ value: '0000-00-00 00:00:00' });
    expect(read(types.MYSQL_TYPE_DATETIME, '04ea07011f')).toEqual({ value: '2026-01-31 00:00:00' });
    expect(read(types.MYSQL_TYPE_TIMESTAMP, '07ea07011f173b3a')).toEqual({ value: '2026-01-31 23:59:58' });
    expect(read(types.MYSQL_TYPE_TIME, '00')).toEqual({ value: '00:00:00' });
    expect(read(types.MYSQL_TYPE_TIME, '0801220000001 63b3b'.replaceAll(' ', ''))).toEqual({ value: '-838:59:59' });
    expect(read(types.MYSQL_TYPE_TIME, '0c010100000002030420a10700')).toEqual({ value: '-26:03:04.500000' });
  });

  it('are written as they came where no clock shows them, and never cut', () => {
    expect(read(types.MYSQL_TYPE_DATETIME, '0710270d20643c3d')).toEqual({ value: '10000-13-32 100:60:61' });
    expect(read(types.MYSQL_TYPE_TIME, '0800230000000c1e1e')).toEqual({ value: '852:30:30' });
  });

  it('are a day alone where the type is a date, as servers read it', () => {
    expect(read(types.MYSQL_TYPE_DATE, '07d007010a0b1014')).toEqual({ value: '2000-01-10' });
    expect(read(types.MYSQL_TYPE_DATE, '0bd007010a0b101401000000')).toEqual({ value: '2000-01-10' });
  });

  it('are refused where no text says what the server reads', () => {
    const beyond = [
      [types.MYSQL_TYPE_DATE, '05d007010a0b'],
      [types.MYSQL_TYPE_DATETIME, '08d007010a0b101401'],
      [types.MYSQL_TYPE_DATETIME, '0bd007010a0b101440420f00'],
      [types.MYSQL_TYPE_TIME, '0800abaaaa0a000000'],
      [types.MYSQL_TYPE_TIME, '04d007010a'],
    ] as const;
    for (const [type, hex] of beyond) expect(() => read(type, hex)).toThrow(/^packet_malformed/);
  });

  it('have the digits of a second that a column asks for', () => {
    expect(read(types.MYSQL_TYPE_TIME, '0c010100000002030420a10700', false, 1)).toEqual({ value: '-26:03:04.5' });
    expect(read(types.MYSQL_TYPE_DATETIME, '07ea07011f000000', false, 3)).toEqual({ value: '2026-01-31 00:00:00.000' });
  });
});

describe('texts and bytes', () => {
  it('are texts when they are UTF-8, else base64', () => {
    expect(read(types.MYSQL_TYPE_BLOB, '02c3a9')).toEqual({ value: 'é' });
    expect(read(types.MYSQL_TYPE_BLOB, '02ff00')).toEqual({ value: '/wA=', encoding: 'base64' });
    expect(read(types.MYSQL_TYPE_NEWDECIMAL, '04312e3530')).toEqual({ value: '1.50' });
    expect(read(types.MYSQL_TYPE_GEOMETRY, '0161')).toEqual({ value: 'YQ==', encoding: 'base64' });
  });

  it('of a type without a meaning are refused', () => {
    expect(() => read(0x99, '0161')).toThrow(/^packet_malformed/);
  });
});
