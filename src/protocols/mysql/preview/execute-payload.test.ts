import { describe, expect, test } from 'vitest';
import { decodeExecute } from '../wire/commands.js';
import type { RecordedValue } from '../../sql/bound-values.js';
import { executePayload } from './execute-payload.js';

function roundTrip(values: readonly RecordedValue[]): unknown {
  const payload = executePayload(7, values);
  if (payload === undefined) return undefined;
  return decodeExecute(payload, { parameterCount: values.length, longData: new Map() }).values;
}

describe('an execution with the bound values of another statement', () => {
  test.each<RecordedValue>([
    { type: 'MYSQL_TYPE_TINY', value: -128 },
    { type: 'MYSQL_TYPE_TINY', unsigned: true, value: 255 },
    { type: 'MYSQL_TYPE_SHORT', value: -32768 },
    { type: 'MYSQL_TYPE_LONG', value: -2147483648 },
    { type: 'MYSQL_TYPE_LONG', unsigned: true, value: 4294967295 },
    { type: 'MYSQL_TYPE_LONGLONG', value: '-9223372036854775808' },
    { type: 'MYSQL_TYPE_LONGLONG', unsigned: true, value: '18446744073709551615' },
    { type: 'MYSQL_TYPE_FLOAT', value: 0.1 },
    { type: 'MYSQL_TYPE_DOUBLE', value: 1e300 },
    { type: 'MYSQL_TYPE_DOUBLE', value: 'Infinity' },
    { type: 'MYSQL_TYPE_NEWDECIMAL', value: '-12345678901234567890.123456789' },
    { type: 'MYSQL_TYPE_VAR_STRING', value: "x' OR '1'='1" },
    { type: 'MYSQL_TYPE_STRING', value: '' },
    { type: 'MYSQL_TYPE_BLOB', value: Buffer.from([0, 0xff, 0x27]).toString('base64'), encoding: 'base64' },
    { type: 'MYSQL_TYPE_DATE', value: '2026-01-31' },
    { type: 'MYSQL_TYPE_DATE', value: '0000-00-00' },
    { type: 'MYSQL_TYPE_DATETIME', value: '2026-01-31 23:59:59' },
    { type: 'MYSQL_TYPE_TIMESTAMP', value: '2026-01-31 23:59:59.000001' },
    { type: 'MYSQL_TYPE_TIME', value: '-838:59:59' },
    { type: 'MYSQL_TYPE_TIME', value: '00:00:00.500000' },
    { type: 'MYSQL_TYPE_DATE', value: '10000-13-32' },
    { type: 'MYSQL_TYPE_DATETIME', value: '10000-13-32 100:60:255' },
    { type: 'MYSQL_TYPE_TIME', value: '-2147483647:60:255' },
    { type: 'MYSQL_TYPE_VAR_STRING', value: null },
    { type: 'MYSQL_TYPE_NULL', value: null },
  ])('carries %j unchanged', (value) => {
    expect(roundTrip([value])).toEqual([value]);
  });

  test('carries many values in their order, NULL among them', () => {
    const values = Array.from({ length: 20 }, (_, index) => ({
      type: 'MYSQL_TYPE_LONG',
      value: index % 3 === 0 ? null : index,
    }));
    expect(roundTrip(values)).toEqual(values);
  });

  test.each<RecordedValue>([
    { type: 'MYSQL_TYPE_LONG', value: '1; DROP TABLE a' },
    { type: 'MYSQL_TYPE_DATE', value: 'tomorrow' },
    { type: 'MYSQL_TYPE_DATE', value: '2026-01-256' },
    { type: 'MYSQL_TYPE_DATETIME', value: '65536-01-01 00:00:00' },
    { type: 'MYSQL_TYPE_TIME', value: '25' },
    { type: 'MYSQL_TYPE_TIME', value: '00:256:00' },
    { type: '0x99', value: 1 },
    { type: 'MYSQL_TYPE_VAR_STRING', value: 'x'.repeat(5 << 20) },
  ])('is not made of a value that does not fit its type: $type', (value) => {
    expect(roundTrip([value])).toBeUndefined();
  });
});
