import { describe, expect, it } from 'vitest';
import {
  COM_FIELD_LIST,
  COM_PING,
  COM_QUERY,
  COM_STATISTICS,
  COM_STMT_EXECUTE,
  COM_STMT_FETCH,
  COM_STMT_PREPARE,
} from '../commands.js';
import { CLIENT_SESSION_TRACK } from '../login/capabilities.js';
import { encodePackets, PACKET_PAYLOAD_BYTES_MAX } from '../packet.js';
import { encodeEof, encodeOk, SERVER_MORE_RESULTS_EXISTS, SERVER_SESSION_STATE_CHANGED } from '../packets.js';
import { everyByte } from '../splits.fixture.js';
import { WITH_EOF, WITHOUT_EOF, hex, responseOf, track, definition, okOf, endOfRows } from './responses.fixture.js';
import { ResponseTracker } from './response-tracker.js';

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
