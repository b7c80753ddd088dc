import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../kernel/errors.js';
import * as commands from './commands.js';

const SEEDED = { seed: 47, numRuns: 1000 };
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('commands', () => {
  it('are allowed when they are on the list, and only then', () => {
    const allowed: string[] = [];
    for (let command = 0; command < 256; command += 1) {
      if (commands.isCommandAllowed(command)) allowed.push(commands.commandName(command));
      expect(commands.responseOf(command) !== undefined).toBe(commands.isCommandAllowed(command));
    }
    expect(allowed).toEqual([
      'COM_QUIT',
      'COM_INIT_DB',
      'COM_QUERY',
      'COM_FIELD_LIST',
      'COM_STATISTICS',
      'COM_PROCESS_KILL',
      'COM_PING',
      'COM_STMT_PREPARE',
      'COM_STMT_EXECUTE',
      'COM_STMT_SEND_LONG_DATA',
      'COM_STMT_CLOSE',
      'COM_STMT_RESET',
      'COM_STMT_FETCH',
      'COM_RESET_CONNECTION',
      'COM_STMT_BULK_EXECUTE',
    ]);
  });

  it('have names, also those that are refused', () => {
    expect(commands.commandName(0x1b)).toBe('COM_SET_OPTION');
    expect(commands.commandName(0xfa)).toBe('COM_STMT_BULK_EXECUTE');
    expect(commands.commandName(0x99)).toBe('0x99');
  });
});

describe('simple payloads', () => {
  it('are decoded', () => {
    expect(commands.decodeInitDb(Buffer.from('\x02shop'))).toEqual(Buffer.from('shop'));
    expect(commands.decodeFieldList(Buffer.from('\x04items\0pr%'))).toEqual({
      table: Buffer.from('items'),
      wildcard: 'pr%',
    });
    expect(commands.decodeStatementId(hex('19 ffffffff'))).toBe(0xffffffff);
    expect(commands.decodeFetch(hex('1c 01000000 0a000000'))).toEqual({ statementId: 1, rowCount: 10 });
    expect(commands.decodeSendLongData(hex('18 01000000 0200 616263'))).toEqual({
      statementId: 1,
      parameterIndex: 2,
      content: Buffer.from('abc'),
    });
    expect(() => commands.expectBareCommand(hex('0e'))).not.toThrow();
  });

  it.each([
    ['a ping with something behind it', () => commands.expectBareCommand(hex('0e00'))],
    ['a close with something behind it', () => commands.decodeStatementId(hex('19 01000000 00'))],
    ['a close that is too short', () => commands.decodeStatementId(hex('19 010000'))],
    ['a fetch with something behind it', () => commands.decodeFetch(hex('1c 01000000 0a000000 00'))],
    ['long data without a parameter', () => commands.decodeSendLongData(hex('18 01000000 02'))],
    ['a field list without an end of the table', () => commands.decodeFieldList(Buffer.from('\x04items'))],
    ['an endless database name', () => commands.decodeInitDb(Buffer.alloc(300, 0x61))],
  ])('are refused: %s', (_, decode) => {
    expect(decode).toThrow(/^packet_malformed/);
  });
});

describe('an execution', () => {
  const HEAD = '17 01000000 00 01000000';
  const decode = (payload: string, prepared: commands.PreparedParameters) =>
    commands.decodeExecute(hex(payload), prepared);

  it('without parameters is its head', () => {
    expect(decode(HEAD, { parameterCount: 0 })).toEqual({ statementId: 1, flags: 0, iterationCount: 1, values: [] });
    // MariaDB's connectors say "types follow" all the same.
    expect(decode(`${HEAD} 01`, { parameterCount: 0 })).toEqual({
      statementId: 1,
      flags: 0,
      iterationCount: 1,
      values: [],
    });
    expect(commands.decodeExecuteId(hex(HEAD))).toBe(1);
  });

  it('has values of the types that come with it', () => {
    const payload = `${HEAD} 04 01  0300 0880 fd00 0c00  feffffff ffffffffffffffff 0bea07011f173b3a40e20100`;
    expect(decode(payload, { parameterCount: 4 })).toEqual({
      statementId: 1,
      flags: 0,
      iterationCount: 1,
      newTypes: [
        { type: 3, unsigned: false },
        { type: 8, unsigned: true },
        { type: 253, unsigned: false },
        { type: 12, unsigned: false },
      ],
      values: [
        { type: 'MYSQL_TYPE_LONG', value: -2 },
        { type: 'MYSQL_TYPE_LONGLONG', unsigned: true, value: '18446744073709551615' },
        { type: 'MYSQL_TYPE_VAR_STRING', value: null },
        { type: 'MYSQL_TYPE_DATETIME', value: '2026-01-31 23:59:58.123456' },
      ],
    });
  });

  it('has values of the types that came before', () => {
    const types = [{ type: 1, unsigned: true }];
    const { values, newTypes } = decode(`${HEAD} 00 00 ff`, { parameterCount: 1, types });
    expect(values).toEqual([{ type: 'MYSQL_TYPE_TINY', unsigned: true, value: 255 }]);
    expect(newTypes).toBeUndefined();
  });

  it('takes long data before the NULL bit, as servers do, and nothing from the packet', () => {
    const longData = new Map([[0, Buffer.from([0xff, 0x00])]]);
    const { values } = decode(`${HEAD} 01 01 fc00 fd00 03616263`, { parameterCount: 2, longData });
    expect(values).toEqual([
      { type: 'MYSQL_TYPE_BLOB', value: '/wA=', encoding: 'base64' },
      { type: 'MYSQL_TYPE_VAR_STRING', value: 'abc' },
    ]);
  });

  it.each([
    ['a cursor that does not exist', '17 01000000 02 01000000', { parameterCount: 0 }],
    ['query attributes', '17 01000000 08 01000000', { parameterCount: 0 }],
    ['bytes behind the head', `${HEAD} 00`, { parameterCount: 0 }],
    ['types of no parameters', `${HEAD} 01 0300`, { parameterCount: 0 }],
    ['bytes behind the values', `${HEAD} 00 01 0100 05 00`, { parameterCount: 1 }],
    ['a value that is missing', `${HEAD} 00 01 0300 0500`, { parameterCount: 1 }],
    ['types that were never sent', `${HEAD} 00 00 05`, { parameterCount: 1 }],
    ['types of another statement', `${HEAD} 00 00 05`, { parameterCount: 1, types: [] }],
    ['a type that servers read differently (INT24)', `${HEAD} 00 01 0900 05000000`, { parameterCount: 1 }],
    ['a type that servers read differently (GEOMETRY)', `${HEAD} 00 01 ff00 0161`, { parameterCount: 1 }],
    ['an unknown flag of a type', `${HEAD} 00 01 0340 05000000`, { parameterCount: 1 }],
    ['a value of type NULL', `${HEAD} 00 01 0600`, { parameterCount: 1 }],
    ['a date of a length that servers cut', `${HEAD} 00 01 0a00 05ea07010203`, { parameterCount: 1 }],
    ['microseconds beyond a second', `${HEAD} 00 01 0c00 0bea0701020304053f420f01`, { parameterCount: 1 }],
    ['more hours than servers count', `${HEAD} 00 01 0b00 0800 abaaaa0a 000000`, { parameterCount: 1 }],
  ])('is refused with %s', (_, payload, prepared) => {
    expect(() => decode(payload, prepared)).toThrow(/^packet_malformed/);
  });

  it('of any bytes throws nothing but packet_malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat({ max: 5 }), (tail, parameterCount) => {
        const payload = Buffer.concat([hex(HEAD), Buffer.from(tail)]);
        try {
          commands.decodeExecute(payload, { parameterCount });
        } catch (error) {
          expect(error).toBeInstanceOf(BrokerError);
          expect(error).toMatchObject({ code: 'packet_malformed' });
        }
      }),
      SEEDED,
    );
  });
});
