import { describe, expect, it } from 'vitest';
import { CLIENT_DEPRECATE_EOF, CLIENT_PROTOCOL_41, CLIENT_SESSION_TRACK } from '../login/capabilities.js';
import { capturedResponse } from './captured-responses.fixture.js';
import { COM_STMT_PREPARE } from '../commands.js';
import { encodePackets } from '../packet.js';
import { SERVER_SESSION_STATE_CHANGED } from '../packets.js';
import { ResponseTracker } from './response-tracker.js';
import { everyByte } from '../splits.fixture.js';

const WITH_EOF = CLIENT_PROTOCOL_41 | CLIENT_SESSION_TRACK;
const WITHOUT_EOF = WITH_EOF | CLIENT_DEPRECATE_EOF;
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** The tracker after such an answer to PREPARE. */
function track(capabilities: number, chunks: readonly Buffer[]): ResponseTracker {
  const tracker = new ResponseTracker(capabilities);
  tracker.begin(COM_STMT_PREPARE);
  for (const chunk of chunks) tracker.push(chunk);
  return tracker;
}

describe('an answer to PREPARE', () => {
  it.each([
    ['without EOF', 2, undefined],
    ['with EOF', 2, undefined],
    [
      'with variables that changed before, with EOF',
      3,
      hex('00 17 10736f72745f6275666665725f73697a65 053737373737 00 11 0c73746174656d656e745f6964 03313132 02 0131'),
    ],
    ['as long as a head, with EOF', 2, hex('02 0131')],
  ])('is an OK where MySQL lost its error, and then nothing is prepared: %s', (form, before, sessionState) => {
    const status = sessionState === undefined ? before : before | SERVER_SESSION_STATE_CHANGED;
    const { capabilities, bytes } = capturedResponse(`SET GLOBAL that MySQL did not prepare, ${form}`);
    for (const chunks of [[bytes], everyByte(bytes)]) {
      const { done, results, error, prepared, statusFlags } = track(capabilities, chunks);
      expect({ done, error, prepared, statusFlags }).toEqual({
        done: true,
        error: undefined,
        prepared: undefined,
        statusFlags: status,
      });
      expect(results).toEqual([
        { kind: 'ok', affectedRows: 0, lastInsertId: 0, warnings: 0, status, info: '', sessionState },
      ]);
    }
  });

  it.each([
    ['a short head', hex('00 01000000 0000 0000 00 00')],
    ['a long head', hex('00 01000000 0000 0000 00 0000 00')],
    ['a head whose filler is not 0', hex('00 01000000 0000 0000 01 0000')],
    ['a head that begins with another byte', hex('01 01000000 0000 0000 00 0000')],
    ['a head that begins as EOF does', hex('fe 01000000 0000 0000 00 0000')],
    ['an OK with warnings', hex('00 00 00 0200 0100')],
    ['an OK with rows', hex('00 01 00 0200 0000')],
    ['an OK with an inserted id', hex('00 00 01 0200 0000')],
    ['an OK with an info', hex('00 00 00 0200 0000 0161')],
    ['an OK with an empty info and nothing behind it', hex('00 00 00 0200 0000 00')],
    ['an OK with a zero in three bytes', hex('00 fc0000 00 0200 0000')],
    ['an OK with a session state whose length takes three bytes', hex('00 00 00 0240 0000 00 fc0300 020131')],
    ['an OK with a session state behind an info', hex('00 00 00 0240 0000 0161 03 020131')],
    ['an OK with a session state that is none', hex('00 00 00 0240 0000 00 03 020201')],
    ['an OK with a session state that is not announced', hex('00 00 00 0200 0000 00 03 020131')],
    ['an OK that announces more results', hex('00 00 00 0a00 0000')],
    ['an OK that is cut', hex('00 00 00 0200 00')],
    ['an OK with the header of EOF', hex('fe 00 00 0200 0000')],
  ])('is not %s', (_, payload) => {
    const packet = encodePackets(1, payload);
    for (const capabilities of [WITH_EOF, WITHOUT_EOF]) {
      expect(() => track(capabilities, [packet])).toThrow(/^target_protocol_violation/);
      expect(() => track(capabilities, everyByte(packet))).toThrow(/^target_protocol_violation/);
    }
  });

  it.each([
    ['a session state', hex('00 00 00 0240 0000 00 03 020131')],
    ['an info', hex('00 00 00 0200 0000 61')],
  ])('is no OK with %s where session tracking was not agreed on', (_, payload) => {
    for (const capabilities of [CLIENT_PROTOCOL_41, CLIENT_PROTOCOL_41 | CLIENT_DEPRECATE_EOF]) {
      expect(() => track(capabilities, [encodePackets(1, payload)])).toThrow(/^target_protocol_violation/);
    }
  });

  it('ends with that OK: what comes behind it is not part of it', () => {
    const { bytes } = capturedResponse('SET GLOBAL that MySQL did not prepare, without EOF');
    const tracker = new ResponseTracker(WITHOUT_EOF);
    tracker.begin(COM_STMT_PREPARE);
    expect(tracker.push(Buffer.concat([bytes, encodePackets(2, hex('ff 0100'))]))).toBe(bytes.length);
    expect(tracker.done).toBe(true);
  });
});
