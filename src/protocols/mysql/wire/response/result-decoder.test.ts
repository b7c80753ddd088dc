import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../../kernel/errors.js';
import { CAPTURED_RESPONSES, capturedResponse } from './captured-responses.fixture.js';
import { encodePackets, PACKET_PAYLOAD_BYTES_MAX } from '../packet.js';
import { decodeResponse, type DecodedResult } from './result-decoder.js';

const SEEDED = { seed: 49, numRuns: 1000 };

const decode = (name: string) => {
  const response = capturedResponse(name);
  return decodeResponse(response.bytes, response);
};

const rowsOf = (result: DecodedResult | undefined) => (result?.kind === 'rows' ? result.rows : undefined);

describe('a decoded response', () => {
  it.each(CAPTURED_RESPONSES)('of a real server is complete: $name', (response) => {
    expect(decodeResponse(response.bytes, response).complete).toBe(true);
  });

  it('has columns and rows as people read them', () => {
    const { results } = decode('two text rows, with EOF');
    expect(results).toMatchObject([
      {
        kind: 'rows',
        columns: [
          { name: 'one', typeName: 'MYSQL_TYPE_LONG', characterSet: 'binary' },
          { name: 'two', typeName: 'MYSQL_TYPE_VAR_STRING', characterSet: 'utf8mb4' },
          { name: 'three', typeName: 'MYSQL_TYPE_VAR_STRING' },
        ],
        rows: [
          ['1', 'x', null],
          ['2', '', 'n'],
        ],
        rowCount: 2,
        complete: true,
      },
    ]);
  });

  it('gives the same values of every type from text and from binary rows', () => {
    const text = decode('a text row of every type, without EOF').results[0];
    const binary = decode('a binary row of every type, without EOF').results[0];
    const numbers = ['-5', '18446744073709551615', '1.50', '1.25', '0.1'];
    const times = ['2026-01-31', '2026-01-31 23:59:58.123456', '-26:03:04.5'];
    const texts = ['hÃ©', '0xff00', '\x05'];
    const columns = ['200', '-300', '-70000', '2026', 'y', 'p,q', '513', '{"a":1}', '2026-01-31 00:00:00'];
    const rest = ['2026-01-31 00:00:00.120', '-1', '100:00:00', '0x00ff'];
    const point = '0x000000000101000000000000000000f03f0000000000000040';
    expect(rowsOf(text)).toEqual([[...numbers, ...times, null, ...texts, ...columns, ...rest, point]]);
    expect(rowsOf(binary)).toEqual(rowsOf(text));
  });

  it('has all results of a procedure', () => {
    expect(decode('an executed procedure, with EOF').results).toMatchObject([
      { rows: [['1']] },
      {
        rows: [
          ['2', '3'],
          ['2', '3'],
          ['2', '3'],
        ],
      },
      { kind: 'ok', affectedRows: 0 },
    ]);
  });

  it('has an error, or what was prepared', () => {
    expect(decode('an unknown column, with EOF')).toMatchObject({ results: [], error: { errno: 1054 } });
    expect(decode('a statement with parameters, without EOF')).toMatchObject({
      results: [],
      prepared: { parameterCount: 2, columnCount: 3 },
    });
  });

  it('has the text of COM_STATISTICS', () => {
    expect(decode('statistics, with EOF').text).toMatch(/^Uptime: 16 /);
  });

  it('has the rows of a fetch when the columns of the execution are given, else their number', () => {
    const opened = decode('an opened cursor, with EOF').results[0];
    const fetched = capturedResponse('fetched rows, with EOF');
    const columns = opened?.kind === 'rows' ? opened.columns : [];
    expect(decodeResponse(fetched.bytes, { ...fetched, columns }).results).toMatchObject([
      {
        rows: [
          ['1', 'z'],
          ['2', 'b'],
        ],
        rowCount: 2,
      },
    ]);
    expect(decodeResponse(fetched.bytes, fetched).results).toMatchObject([{ rows: [], rowCount: 2 }]);
  });

  it('decodes no more rows than it is asked to, and counts them all', () => {
    const response = capturedResponse('binary rows, with EOF');
    expect(decodeResponse(response.bytes, { ...response, rowsMax: 1 }).results).toMatchObject([
      { rows: [['1', 'z']], rowCount: 3 },
    ]);
  });

  it('puts a row of more than one packet together', () => {
    const response = capturedResponse('two text rows, without EOF');
    const head = response.bytes.subarray(0, response.bytes.indexOf(Buffer.from('0500000501310178fb', 'hex')));
    const value = Buffer.alloc(PACKET_PAYLOAD_BYTES_MAX, 0x61);
    const row = Buffer.concat([Buffer.from('feffffff0000000000', 'hex'), value, Buffer.from('fbfb', 'hex')]);
    const stream = Buffer.concat([head, encodePackets(5, row), encodePackets(7, Buffer.from('fe000002000000', 'hex'))]);
    const { results, complete } = decodeResponse(stream, response);
    expect(complete).toBe(true);
    expect(rowsOf(results[0])?.[0]?.[0]).toHaveLength(PACKET_PAYLOAD_BYTES_MAX);
  });
});

describe('a response that was cut short', () => {
  it('gives what is there and says so', () => {
    const response = capturedResponse('two text rows, with EOF');
    const cut = response.bytes.subarray(0, -10);
    expect(decodeResponse(cut, response)).toMatchObject({
      complete: false,
      results: [{ kind: 'rows', rows: [['1', 'x', null]], rowCount: 1, complete: false }],
    });
    expect(decodeResponse(Buffer.alloc(0), response)).toMatchObject({ complete: false, results: [] });
  });

  it('is never complete, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CAPTURED_RESPONSES), fc.nat(), (response, at) => {
        const cut = response.bytes.subarray(0, at % response.bytes.length);
        expect(decodeResponse(cut, response).complete).toBe(false);
      }),
      SEEDED,
    );
  });
});

describe('bytes that are no response', () => {
  it('throw nothing but target_protocol_violation', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CAPTURED_RESPONSES), fc.nat(), fc.nat({ max: 255 }), (response, at, byte) => {
        const bytes = Buffer.from(response.bytes);
        bytes[at % bytes.length] = byte;
        try {
          decodeResponse(bytes, response);
        } catch (error) {
          expect(error).toBeInstanceOf(BrokerError);
          expect(error).toMatchObject({ code: 'target_protocol_violation' });
        }
      }),
      SEEDED,
    );
  });
});
