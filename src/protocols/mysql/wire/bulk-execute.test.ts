import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../kernel/errors.js';
import { BULK_VALUES_MAX, decodeBulkExecute, type BulkPrepared, type BulkValue } from './bulk-execute.js';
import { CLIENT_PROTOCOL_41 } from './login/capabilities.js';
import { COM_STMT_BULK_EXECUTE } from './commands.js';
import { PayloadWriter } from './lenenc.js';
import { encodePackets } from './packet.js';
import { encodeEof, encodeOk } from './packets.js';
import { ResponseTracker } from './response/response-tracker.js';
import { decodeResponse } from './response/result-decoder.js';

const SEEDED = { seed: 47, numRuns: 1000 };
const LONG = { type: 3, unsigned: false };
const TEXT = { type: 253, unsigned: false };
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const decode = (payload: string, prepared: Partial<BulkPrepared> & { parameterCount: number }) =>
  decodeBulkExecute(hex(payload), { types: undefined, unitResults: false, ...prepared });

describe('an execution with many rows of values', () => {
  it('has values of the types that come with it, and what stands in place of them', () => {
    const rows = '00 feffffff 00 0161  01 02  03 00 02ff00';
    const decoded = decode(`fa 07000000 8000 0300 fd00 ${rows}`, { parameterCount: 2 });
    expect(decoded).toEqual({
      statementId: 7,
      wantsUnitResults: false,
      newTypes: [LONG, TEXT],
      types: [{ type: 'MYSQL_TYPE_LONG' }, { type: 'MYSQL_TYPE_VAR_STRING' }],
      rows: [
        [-2, 'a'],
        [null, { indicator: 'default' }],
        [{ indicator: 'ignore' }, { base64: '/wA=' }],
      ],
      rowBytes: hex(rows),
    });
  });

  it('keeps every digit, and reads dates as SQL has them', () => {
    const types = '0880 0c00';
    const { rows, types: named } = decode(`fa 01000000 8000 ${types} 00 ffffffffffffffff 00 0bea07011f173b3a40e20100`, {
      parameterCount: 2,
    });
    expect(named).toEqual([{ type: 'MYSQL_TYPE_LONGLONG', unsigned: true }, { type: 'MYSQL_TYPE_DATETIME' }]);
    expect(rows).toEqual([['18446744073709551615', '2026-01-31 23:59:58.123456']]);
  });

  it('has values of the types that came before', () => {
    const { rows, newTypes } = decode('fa ffffffff 0000 00 05000000 01', { parameterCount: 1, types: [LONG] });
    expect(rows).toEqual([[5], [null]]);
    expect(newTypes).toBeUndefined();
  });

  it('may ask for what came of each row, where that was agreed on', () => {
    const payload = 'fa 01000000 c000 0300 01';
    expect(decode(payload, { parameterCount: 1, unitResults: true }).wantsUnitResults).toBe(true);
    expect(() => decode(payload, { parameterCount: 1 })).toThrow(/^packet_malformed/);
  });

  it.each<[string, string, Partial<BulkPrepared> & { parameterCount: number }]>([
    ['no head', 'fa 0100', { parameterCount: 1 }],
    ['no flags', 'fa 01000000', { parameterCount: 1 }],
    ['flags that do not exist', 'fa 01000000 8100 0300 01', { parameterCount: 1 }],
    ['a flag in the upper byte', 'fa 01000000 8001 0300 01', { parameterCount: 1 }],
    ['no parameters', 'fa 01000000 8000', { parameterCount: 0 }],
    ['rows of no parameters', 'fa 01000000 8000 00', { parameterCount: 0 }],
    ['no rows', 'fa 01000000 8000 0300', { parameterCount: 1 }],
    ['no rows and no types', 'fa 01000000 0000', { parameterCount: 1, types: [LONG] }],
    ['types that were never sent', 'fa 01000000 0000 01', { parameterCount: 1 }],
    ['types of another statement', 'fa 01000000 0000 01', { parameterCount: 1, types: [LONG, TEXT] }],
    ['types that are cut off', 'fa 01000000 8000 0300 fd', { parameterCount: 2 }],
    ['a type that servers read differently', 'fa 01000000 8000 0900 00 05000000', { parameterCount: 1 }],
    ['an unknown flag of a type', 'fa 01000000 8000 0340 00 05000000', { parameterCount: 1 }],
    ['an indicator that does not exist', 'fa 01000000 8000 0300 04', { parameterCount: 1 }],
    ['an indicator below zero', 'fa 01000000 8000 0300 ff', { parameterCount: 1 }],
    ['a value that is cut off', 'fa 01000000 8000 0300 00 0500', { parameterCount: 1 }],
    ['a last row that is cut off', 'fa 01000000 8000 0300 0300 00 05000000 01 01', { parameterCount: 2 }],
    ['a text longer than the packet', 'fa 01000000 8000 fd00 00 fe ffffffffffffffff 61', { parameterCount: 1 }],
    ['a value of type NULL', 'fa 01000000 8000 0600 00', { parameterCount: 1 }],
    ['microseconds beyond a second', 'fa 01000000 8000 0c00 00 0bea0701020304053f420f01', { parameterCount: 1 }],
  ])('is refused with %s', (_, payload, prepared) => {
    expect(() => decode(payload, prepared)).toThrow(/^packet_malformed/);
  });

  it('has a limit on its values, whatever they are', () => {
    const head = hex('fa 01000000 0000');
    const prepared = { parameterCount: 4, types: [LONG, LONG, LONG, LONG], unitResults: false };
    const nulls = (values: number) => Buffer.concat([head, Buffer.alloc(values, 1)]);
    expect(decodeBulkExecute(nulls(BULK_VALUES_MAX), prepared).rows).toHaveLength(BULK_VALUES_MAX / 4);
    expect(() => decodeBulkExecute(nulls(BULK_VALUES_MAX + 4), prepared)).toThrow(/^payload_too_large/);
    expect(() => decodeBulkExecute(nulls(BULK_VALUES_MAX * 8), prepared)).toThrow(/^payload_too_large/);
  });

  it('gives back what any rows were written from', () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.constantFrom<BulkValue>({ indicator: 'default' }, { indicator: 'ignore' }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
    );
    const rows = fc
      .integer({ min: 1, max: 6 })
      .chain((width) => fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1 }));
    fc.assert(
      fc.property(rows, (given) => {
        const parameterCount = given[0]?.length ?? 0;
        const writer = new PayloadWriter().uint8(0xfa).uint32(9).uint16(128);
        for (let index = 0; index < parameterCount; index += 1) writer.uint16(253);
        for (const row of given) for (const one of row) writeValue(writer, one);
        expect(
          decodeBulkExecute(writer.finish(), { parameterCount, types: undefined, unitResults: false }).rows,
        ).toEqual(given);
      }),
      SEEDED,
    );
  });

  it('of any bytes throws nothing but packet_malformed', () => {
    const tails = fc.uint8Array({ maxLength: 80 });
    const flags = fc.constantFrom(0, 64, 128, 192, 1);
    fc.assert(
      fc.property(tails, flags, fc.nat({ max: 5 }), fc.boolean(), (tail, flag, parameterCount, unitResults) => {
        const types = Array.from({ length: parameterCount }, () => TEXT);
        const payload = Buffer.concat([hex('fa 01000000'), Buffer.from([flag, 0]), Buffer.from(tail)]);
        try {
          const { rows } = decodeBulkExecute(payload, { parameterCount, types, unitResults });
          expect(rows.every((row) => row.length === parameterCount)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(BrokerError);
          expect(error).toMatchObject({ code: 'packet_malformed' });
        }
      }),
      SEEDED,
    );
  });
});

describe('the answer to it', () => {
  const answerOf = (payloads: readonly Buffer[]) =>
    Buffer.concat(payloads.map((payload, index) => encodePackets(index + 1, payload)));
  const track = (payloads: readonly Buffer[]) => {
    const tracker = new ResponseTracker(CLIENT_PROTOCOL_41);
    tracker.begin(COM_STMT_BULK_EXECUTE, 0);
    tracker.push(answerOf(payloads));
    return tracker;
  };
  const none = { lastInsertId: 7, statusFlags: 2, warnings: 0, info: '', sessionState: undefined };
  const eof = encodeEof({ warnings: 0, statusFlags: 2 });
  const column = (name: string) => {
    const names = ['def', '', '', '', name, ''];
    const writer = new PayloadWriter();
    for (const one of names) writer.lenencText(one);
    return writer.bytes(hex('0c 3f00 15000000 08 2100 00 0000')).finish();
  };
  const head = [hex('02'), column('Id'), column('Affected_rows'), eof];
  const row = (id: number) => new PayloadWriter().uint16(0).uint32(id).uint32(0).uint32(1).uint32(0).finish();

  it('is the number of rows, for all of them', () => {
    const { done, results } = track([encodeOk({ ...none, affectedRows: 3 }, false)]);
    expect(done).toBe(true);
    expect(results).toMatchObject([{ kind: 'ok', affectedRows: 3, lastInsertId: 7 }]);
  });

  it('or what came of each, as rows of the binary protocol', () => {
    const payloads = [...head, row(7), row(8), eof];
    const { done, results } = track(payloads);
    expect(done).toBe(true);
    expect(results).toMatchObject([{ kind: 'rows', columns: 2, rows: 2 }]);
    const decoded = decodeResponse(answerOf(payloads), {
      capabilities: CLIENT_PROTOCOL_41,
      command: COM_STMT_BULK_EXECUTE,
    });
    expect(decoded.results).toMatchObject([
      {
        rows: [
          ['7', '1'],
          ['8', '1'],
        ],
      },
    ]);
  });

  it('and no rows of the text protocol', () => {
    expect(() => track([...head, hex('0137 0131')])).toThrow(/^target_protocol_violation/);
  });
});

function writeValue(writer: PayloadWriter, value: BulkValue): void {
  if (value === null) writer.uint8(1);
  else if (typeof value === 'object') writer.uint8('indicator' in value && value.indicator === 'default' ? 2 : 3);
  else writer.uint8(0).lenencText(String(value));
}
