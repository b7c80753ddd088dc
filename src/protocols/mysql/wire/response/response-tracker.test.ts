import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rounds } from '../../../../../test/support/rounds.js';
import { BrokerError } from '../../../../kernel/errors.js';
import { CLIENT_DEPRECATE_EOF, CLIENT_PROTOCOL_41, CLIENT_SESSION_TRACK } from '../login/capabilities.js';
import { CAPTURED_RESPONSES, capturedResponse, type CapturedResponse } from './captured-responses.fixture.js';
import {
  COM_FIELD_LIST,
  COM_PING,
  COM_QUERY,
  COM_QUIT,
  COM_STATISTICS,
  COM_STMT_CLOSE,
  COM_STMT_EXECUTE,
  COM_STMT_FETCH,
  COM_STMT_PREPARE,
  COM_STMT_SEND_LONG_DATA,
} from '../commands.js';
import { PayloadWriter } from '../lenenc.js';
import { encodePackets, PACKET_PAYLOAD_BYTES_MAX } from '../packet.js';
import {
  encodeEof,
  encodeErr,
  encodeOk,
  SERVER_MORE_RESULTS_EXISTS,
  SERVER_PS_OUT_PARAMS,
  SERVER_SESSION_STATE_CHANGED,
  SERVER_STATUS_CURSOR_EXISTS,
} from '../packets.js';
import { ResponseTracker } from './response-tracker.js';
import { arbitraryCuts, everyByte, split } from '../splits.fixture.js';

const WITH_EOF = CLIENT_PROTOCOL_41 | CLIENT_SESSION_TRACK;
const WITHOUT_EOF = WITH_EOF | CLIENT_DEPRECATE_EOF;
const SEEDED = { seed: 48, numRuns: 300 };
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Payloads as packets that count on from the request, whose one packet had the id 0. */
function responseOf(payloads: readonly Buffer[]): Buffer {
  let sequenceId = 1;
  const packets = payloads.map((payload) => {
    const encoded = encodePackets(sequenceId & 0xff, payload);
    sequenceId += Math.floor(payload.length / PACKET_PAYLOAD_BYTES_MAX) + 1;
    return encoded;
  });
  return Buffer.concat(packets);
}

function outcomeOf(tracker: ResponseTracker) {
  const { done, results, error, prepared, statusFlags, rowsPending } = tracker;
  return { done, results, error, prepared, statusFlags, rowsPending };
}

function track(capabilities: number, command: number, chunks: readonly Buffer[], cursorRequested = false) {
  const tracker = new ResponseTracker(capabilities);
  tracker.begin(command, 0, cursorRequested);
  for (const chunk of chunks) tracker.push(chunk);
  return outcomeOf(tracker);
}

const trackCaptured = ({ capabilities, command, cursorRequested, bytes }: CapturedResponse) =>
  track(capabilities, command, [bytes], cursorRequested);

describe('a response of a real server', () => {
  it.each(CAPTURED_RESPONSES)('ends where it ends, however it is split: $name', (response) => {
    const { capabilities, command, cursorRequested, bytes } = response;
    const whole = trackCaptured(response);
    expect(whole.done).toBe(true);
    expect(track(capabilities, command, everyByte(bytes), cursorRequested)).toEqual(whole);
    const behind = Buffer.concat([bytes, Buffer.from([1, 0, 0, 1, 0])]);
    fc.assert(
      fc.property(arbitraryCuts, (cuts) => {
        const tracker = new ResponseTracker(capabilities);
        tracker.begin(command, 0, cursorRequested);
        let taken = 0;
        for (const chunk of split(behind, cuts)) taken += tracker.push(chunk);
        expect(taken).toBe(bytes.length);
        expect(outcomeOf(tracker)).toEqual(whole);
      }),
      { ...SEEDED, numRuns: 40 },
    );
  });

  it('says what came of the statement', () => {
    const ok = { kind: 'ok', lastInsertId: 0, warnings: 0, status: 2, info: '', sessionState: undefined };
    expect(trackCaptured(capturedResponse('an insert, without EOF')).results).toEqual([
      { ...ok, affectedRows: 3, lastInsertId: 1, info: 'Records: 3  Duplicates: 0  Warnings: 0' },
    ]);
    expect(trackCaptured(capturedResponse('two text rows, with EOF')).results).toEqual([
      { kind: 'rows', columns: 3, rows: 2, warnings: 0, status: 2, sessionState: undefined },
    ]);
    expect(trackCaptured(capturedResponse('an unknown column, without EOF'))).toMatchObject({
      results: [],
      error: { errno: 1054, sqlState: '42S22', message: "Unknown column 'nope' in 'SELECT'" },
    });
    expect(trackCaptured(capturedResponse('a statement with parameters, with EOF')).prepared).toEqual({
      statementId: 5,
      parameterCount: 2,
      columnCount: 3,
      warnings: 0,
    });
    expect(trackCaptured(capturedResponse('a field list, with EOF')).results).toMatchObject([{ columns: 2, rows: 0 }]);
  });

  it.each(['with EOF', 'without EOF'])('of a procedure has all its results, %s', (form) => {
    for (const name of ['a procedure with two result sets', 'an executed procedure']) {
      expect(trackCaptured(capturedResponse(`${name}, ${form}`)).results).toMatchObject([
        { kind: 'rows', columns: 1, rows: 1 },
        { kind: 'rows', columns: 2, rows: 3 },
        { kind: 'ok' },
      ]);
    }
  });

  it.each(['with EOF', 'without EOF'])('has no rows behind a cursor that was asked for, %s', (form) => {
    const opened = trackCaptured(capturedResponse(`an opened cursor, ${form}`));
    expect(opened.results).toMatchObject([{ kind: 'rows', columns: 2, rows: 0, cursor: true }]);
    const fetched = trackCaptured(capturedResponse(`fetched rows, ${form}`));
    expect(fetched.results).toMatchObject([{ kind: 'rows', columns: 0, rows: 2 }]);
    expect(fetched.results[0]).not.toHaveProperty('cursor');
  });

  it.each(['with EOF', 'without EOF'])('has rows behind a cursor flag that a procedure left set, %s', (form) => {
    const response = capturedResponse(`a procedure with a cursor of its own, ${form}`);
    for (const cursorRequested of [false, true]) {
      const { results } = trackCaptured({ ...response, cursorRequested });
      expect(results).toMatchObject([{ kind: 'rows', rows: 1 }, { kind: 'ok' }]);
      expect((results[0]?.status ?? 0) & SERVER_STATUS_CURSOR_EXISTS).not.toBe(0);
    }
  });
});

const definition = new PayloadWriter()
  .lenencText('def')
  .lenencText('shop')
  .lenencText('items')
  .lenencText('items')
  .lenencText('name')
  .lenencText('name')
  .uint8(12)
  .zeros(12)
  .finish();

const okOf = (status: number, affectedRows = 0, header: 0x00 | 0xfe = 0x00) =>
  encodeOk(
    { affectedRows, lastInsertId: 0, statusFlags: status, warnings: 1, info: '', sessionState: undefined },
    true,
    header,
  );

function endOfRows(deprecateEof: boolean, status: number): Buffer {
  return deprecateEof ? okOf(status, 0, 0xfe) : encodeEof({ warnings: 1, statusFlags: status });
}

type Model = { readonly affectedRows: number } | { readonly columns: number; readonly rows: readonly Uint8Array[] };

/** A response of the given results, as a server writes it, and what a tracker has to make of it. */
function responseOfModels(models: readonly Model[], deprecateEof: boolean, binary: boolean) {
  const payloads: Buffer[] = [];
  const results = models.map((model, index) => {
    const status = index < models.length - 1 ? 2 | SERVER_MORE_RESULTS_EXISTS : 2;
    if ('affectedRows' in model) {
      payloads.push(okOf(status, model.affectedRows));
      return { kind: 'ok', affectedRows: model.affectedRows, status };
    }
    payloads.push(new PayloadWriter().lenencInteger(model.columns).finish());
    for (let column = 0; column < model.columns; column += 1) payloads.push(definition);
    if (!deprecateEof) payloads.push(encodeEof({ warnings: 0, statusFlags: status }));
    for (const row of model.rows) {
      const writer = new PayloadWriter();
      payloads.push(binary ? writer.uint8(0).bytes(row).finish() : writer.lenencBytes(row).finish());
    }
    payloads.push(endOfRows(deprecateEof, status));
    return { kind: 'rows', columns: model.columns, rows: model.rows.length, status };
  });
  return { stream: responseOf(payloads), results };
}

describe('a response of any results', () => {
  const arbitraryModel: fc.Arbitrary<Model> = fc.oneof(
    fc.record({ affectedRows: fc.nat() }),
    fc.record({
      columns: fc.oneof(
        { arbitrary: fc.integer({ min: 1, max: 5 }), weight: 9 },
        { arbitrary: fc.constant(300), weight: 1 },
      ),
      rows: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 }),
    }),
  );

  it('gives the same outcome however it is split', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryModel, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        fc.boolean(),
        arbitraryCuts,
        (models, deprecateEof, binary, cuts) => {
          const { stream, results } = responseOfModels(models, deprecateEof, binary);
          const capabilities = deprecateEof ? WITHOUT_EOF : WITH_EOF;
          const command = binary ? COM_STMT_EXECUTE : COM_QUERY;
          const outcome = track(capabilities, command, split(stream, cuts));
          expect(outcome).toMatchObject({ done: true, error: undefined, statusFlags: 2, rowsPending: 0 });
          expect(outcome.results).toMatchObject(results);
          expect(outcome.results).toHaveLength(results.length);
        },
      ),
      SEEDED,
    );
  });

  it('throws nothing but target_protocol_violation when any byte of it is another', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CAPTURED_RESPONSES),
        fc.nat(),
        fc.nat({ max: 255 }),
        arbitraryCuts,
        (response, at, byte, cuts) => {
          const bytes = Buffer.from(response.bytes);
          bytes[at % bytes.length] = byte;
          try {
            track(response.capabilities, response.command, split(bytes, cuts), response.cursorRequested);
          } catch (error) {
            expect(error).toBeInstanceOf(BrokerError);
            expect(error).toMatchObject({ code: 'target_protocol_violation' });
          }
        },
      ),
      { ...SEEDED, numRuns: rounds(2_000) },
    );
  });
});

describe('one tracker', () => {
  it('follows one response after the other out of one chunk', () => {
    const [first, second] = [
      capturedResponse('two text rows, without EOF').bytes,
      capturedResponse('an insert, without EOF').bytes,
    ];
    const tracker = new ResponseTracker(WITHOUT_EOF);
    const chunk = Buffer.concat([first, second]);
    tracker.begin(COM_QUERY);
    const end = tracker.push(chunk);
    expect(end).toBe(first.length);
    const kept = tracker.results;
    tracker.begin(COM_QUERY);
    expect(tracker.push(chunk, end)).toBe(chunk.length);
    expect(tracker.results).toMatchObject([{ kind: 'ok', affectedRows: 3 }]);
    expect(kept).toMatchObject([{ kind: 'rows' }]);
  });

  it.each([COM_QUIT, COM_STMT_CLOSE, COM_STMT_SEND_LONG_DATA])('expects nothing after command %i', (command) => {
    const tracker = new ResponseTracker(WITH_EOF);
    tracker.begin(command);
    expect(tracker.done).toBe(true);
    expect(tracker.push(Buffer.from([1, 2, 3]))).toBe(0);
  });

  it('counts on from the last packet of the request, and from 255 to 0', () => {
    const tracker = new ResponseTracker(WITH_EOF);
    tracker.begin(COM_PING, 255);
    expect(tracker.push(encodePackets(0, okOf(2)))).toBe(4 + okOf(2).length);
    expect(tracker.done).toBe(true);
  });

  it('counts through more than 256 rows', () => {
    const rows = Array.from({ length: 1000 }, () => Buffer.from('row'));
    const { stream } = responseOfModels([{ columns: 1, rows }], true, false);
    expect(track(WITHOUT_EOF, COM_QUERY, [stream]).results).toMatchObject([{ rows: 1000 }]);
  });

  it('keeps the rows of a result that an error ended', () => {
    const row = new PayloadWriter().lenencText('row').finish();
    const err = encodeErr({ errno: 1317, sqlState: '70100', message: 'Query execution was interrupted' });
    const outcome = track(WITHOUT_EOF, COM_QUERY, [responseOf([hex('01'), definition, row, row, err])]);
    expect(outcome).toMatchObject({ done: true, rowsPending: 2, results: [], error: { errno: 1317 } });
  });

  it('goes on behind the row of OUT parameters, which MySQL announces behind its columns only', () => {
    const announced = SERVER_PS_OUT_PARAMS | SERVER_MORE_RESULTS_EXISTS;
    const row = Buffer.concat([hex('00 00'), new PayloadWriter().lenencText('42').finish()]);
    const eofOf = (statusFlags: number) => encodeEof({ warnings: 0, statusFlags });
    const stream = responseOf([hex('01'), definition, eofOf(announced), row, eofOf(2), okOf(2)]);
    const tracker = new ResponseTracker(WITH_EOF);
    tracker.begin(COM_STMT_EXECUTE);
    expect(tracker.push(stream)).toBe(stream.length);
    expect(outcomeOf(tracker)).toMatchObject({ done: true, results: [{ kind: 'rows', rows: 1 }, { kind: 'ok' }] });
  });

  it('takes an ERR that the server sent unasked while the session was idle', () => {
    const err = encodeErr({ errno: 4031, sqlState: 'HY000', message: 'The client was disconnected' });
    expect(track(WITH_EOF, COM_QUERY, [encodePackets(0, err)])).toMatchObject({ done: true, error: { errno: 4031 } });
  });
});

describe('a row of 16 MiB', () => {
  // A text row whose one value is so long that its length takes eight bytes, so the row starts with 0xFE.
  const rowOf = (payloadBytes: number) => {
    const row = Buffer.alloc(payloadBytes, 0x61);
    row.writeUInt8(0xfe);
    row.writeBigUInt64LE(BigInt(payloadBytes - 9), 1);
    return row;
  };

  it.each([
    ['the shortest', PACKET_PAYLOAD_BYTES_MAX + 10, true],
    ['the shortest', PACKET_PAYLOAD_BYTES_MAX + 10, false],
    ['twice and more', 2 * PACKET_PAYLOAD_BYTES_MAX + 5, false],
  ])('%s (%i bytes) is one row, with DEPRECATE_EOF: %s', (_, payloadBytes, deprecateEof) => {
    const payloads = [hex('01'), definition];
    if (!deprecateEof) payloads.push(encodeEof({ warnings: 0, statusFlags: 2 }));
    const row = rowOf(payloadBytes);
    // The byte at which the second packet starts looks like an ERR, and is none.
    row[PACKET_PAYLOAD_BYTES_MAX] = 0xff;
    payloads.push(row, Buffer.from([0x01, 0x62]), endOfRows(deprecateEof, 2));
    const stream = responseOf(payloads);
    const capabilities = deprecateEof ? WITHOUT_EOF : WITH_EOF;
    const whole = track(capabilities, COM_QUERY, [stream]);
    expect(whole).toMatchObject({ done: true, results: [{ kind: 'rows', rows: 2 }] });
    const chunks: Buffer[] = [];
    for (let at = 0; at < stream.length; at += 65_521) chunks.push(stream.subarray(at, at + 65_521));
    expect(track(capabilities, COM_QUERY, chunks)).toEqual(whole);
  });

  // With DEPRECATE_EOF some clients take a payload of exactly 0xFFFFFF bytes for the end of the rows, and what the
  // server sends next for the answer to their next command: a request for a file, say.
  it.each([0, 5, 9])('that has only %i bytes in its second packet is none', (restBytes) => {
    const stream = responseOf([hex('01'), definition, rowOf(PACKET_PAYLOAD_BYTES_MAX + restBytes)]);
    expect(() => track(WITHOUT_EOF, COM_QUERY, [stream])).toThrow(/^target_protocol_violation/);
  });

  it('that is binary does not start with 0xFE', () => {
    const stream = responseOf([hex('01'), definition, rowOf(PACKET_PAYLOAD_BYTES_MAX)]);
    expect(() => track(WITHOUT_EOF, COM_STMT_EXECUTE, [stream])).toThrow(/^target_protocol_violation/);
  });
});

describe('a target that breaks the protocol', () => {
  const head = [hex('01'), definition];

  it.each([
    ['asks for a file of the client', COM_QUERY, [hex('fb2f6574632f706173737764')]],
    ['asks for a file in a second result', COM_QUERY, [okOf(2 | SERVER_MORE_RESULTS_EXISTS), hex('fb2f')]],
    ['asks for a file when a statement is executed', COM_STMT_EXECUTE, [hex('fb2f')]],
    ['answers nothing', COM_QUERY, [Buffer.alloc(0)]],
    ['starts with EOF', COM_QUERY, [hex('fe00000200')]],
    ['has bytes behind the column count', COM_QUERY, [hex('0101')]],
    ['has no columns', COM_QUERY, [hex('fc0000')]],
    ['has more columns than there can be', COM_QUERY, [hex('fc0110')]],
    ['has more columns than there can be, in a huge count', COM_QUERY, [hex('feffffffffffffffff')]],
    ['sends a definition that is none', COM_QUERY, [hex('01'), hex('fb')]],
    ['ends rows with something too short', COM_QUERY, [...head, hex('fe0000')]],
    ['sends an empty row', COM_QUERY, [...head, Buffer.alloc(0)]],
    ['sends a text row for a binary one', COM_STMT_EXECUTE, [...head, hex('0161')]],
    ['sends a text row for a fetched one', COM_STMT_FETCH, [hex('0161')]],
    ['announces more results of a ping', COM_PING, [okOf(2 | SERVER_MORE_RESULTS_EXISTS)]],
    ['announces more results of a field list', COM_FIELD_LIST, [okOf(2 | SERVER_MORE_RESULTS_EXISTS, 0, 0xfe)]],
    ['answers a ping with rows', COM_PING, head],
    ['answers a ping with EOF', COM_PING, [okOf(2, 0, 0xfe)]],
    ['answers STATISTICS with nothing', COM_STATISTICS, [Buffer.alloc(0)]],
    ['reports progress', COM_QUERY, [hex('ffffff0101020000000000')]],
    ['sends an ERR without a number', COM_QUERY, [hex('ff')]],
  ])('%s', (_, command, payloads) => {
    const stream = responseOf(payloads);
    expect(() => track(WITHOUT_EOF, command, [stream])).toThrow(/^target_protocol_violation/);
    expect(() => track(WITHOUT_EOF, command, everyByte(stream))).toThrow(/^target_protocol_violation/);
  });

  it.each([
    ['EOF of another length ends the rows', [...head, hex('fe00000200'), hex('fe0000020000')]],
    ['OK ends the rows', [...head, hex('fe00000200'), okOf(2, 0, 0xfe)]],
    ['a row comes in place of EOF', [...head, hex('0161')]],
  ])('without DEPRECATE_EOF: %s', (_, payloads) => {
    expect(() => track(WITH_EOF, COM_QUERY, [responseOf(payloads)])).toThrow(/^target_protocol_violation/);
  });

  it.each([
    ['at the start', Buffer.concat([encodePackets(2, okOf(2))])],
    ['in rows', Buffer.concat([responseOf(head), encodePackets(3, hex('0161')), encodePackets(5, hex('0161'))])],
    ['with an ERR of id 0 in the middle', Buffer.concat([responseOf(head), encodePackets(0, hex('ff0100'))])],
  ])('counts packets wrongly %s', (_, stream) => {
    expect(() => track(WITHOUT_EOF, COM_QUERY, [stream])).toThrow(/sequence id/);
  });

  it('is not followed any further', () => {
    const tracker = new ResponseTracker(WITHOUT_EOF);
    tracker.begin(COM_QUERY);
    expect(() => tracker.push(encodePackets(1, hex('fb2f')))).toThrow(/file of the client/);
    expect(() => tracker.push(encodePackets(1, okOf(2)))).toThrow(/^target_protocol_violation/);
    expect(() => tracker.begin(COM_QUERY)).toThrow(/^target_protocol_violation/);
  });

  it.each([
    ['a ping', COM_PING, hex('fb')],
    ['PREPARE', COM_STMT_PREPARE, hex('fb')],
  ])('does not get the first byte of a wrong answer to %s through', (_, command, start) => {
    const tracker = new ResponseTracker(WITHOUT_EOF);
    tracker.begin(command);
    expect(() => tracker.push(Buffer.concat([hex('00020001'), start]))).toThrow(/where OK must come/);
  });

  it('has its session state refused with the packet that it is in', () => {
    const ok = {
      affectedRows: 0,
      lastInsertId: 0,
      statusFlags: 2 | SERVER_SESSION_STATE_CHANGED,
      warnings: 0,
      info: '',
    };
    const broken = encodeOk({ ...ok, sessionState: hex('010501') }, true);
    expect(() => track(WITHOUT_EOF | CLIENT_SESSION_TRACK, COM_QUERY, [encodePackets(1, broken)])).toThrow(
      /^target_protocol_violation/,
    );
  });

  it('does not make the tracker keep results of any size', () => {
    const tracker = new ResponseTracker(WITHOUT_EOF);
    tracker.begin(COM_QUERY);
    const statusFlags = 2 | SERVER_MORE_RESULTS_EXISTS;
    const info = 'a'.repeat(1_000_000);
    const ok = encodeOk(
      { affectedRows: 0, lastInsertId: 0, statusFlags, warnings: 0, info, sessionState: undefined },
      true,
    );
    expect(() => {
      for (let id = 1; id < 100; id += 1) tracker.push(encodePackets(id, ok));
    }).toThrow(/say too much/);
    expect(tracker.results).toHaveLength(16);
  });

  it('does not make the tracker hold a status packet of any size', () => {
    const tracker = new ResponseTracker(WITHOUT_EOF);
    tracker.begin(COM_PING);
    expect(() => tracker.push(hex('010010 01 00'))).toThrow(/too long/);
  });
});
