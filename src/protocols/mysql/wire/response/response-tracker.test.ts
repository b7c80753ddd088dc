import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rounds } from '../../../../../test/support/rounds.js';
import { BrokerError } from '../../../../kernel/errors.js';
import {
  COM_PING,
  COM_QUERY,
  COM_QUIT,
  COM_STMT_CLOSE,
  COM_STMT_EXECUTE,
  COM_STMT_SEND_LONG_DATA,
} from '../commands.js';
import { PayloadWriter } from '../lenenc.js';
import { encodePackets } from '../packet.js';
import {
  encodeEof,
  encodeErr,
  SERVER_MORE_RESULTS_EXISTS,
  SERVER_PS_OUT_PARAMS,
  SERVER_STATUS_CURSOR_EXISTS,
} from '../packets.js';
import { arbitraryCuts, everyByte, split } from '../splits.fixture.js';
import { CAPTURED_RESPONSES, capturedResponse, type CapturedResponse } from './captured-responses.fixture.js';
import {
  WITH_EOF,
  WITHOUT_EOF,
  hex,
  responseOf,
  outcomeOf,
  track,
  definition,
  okOf,
  endOfRows,
} from './responses.fixture.js';
import { ResponseTracker } from './response-tracker.js';

const SEEDED = { seed: 48, numRuns: 300 };

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
