import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { sentenceOf } from '../../../../kernel/errors.js';
import { COM_QUERY } from '../../wire/commands.js';
import { CLIENT_DEPRECATE_EOF, CLIENT_PROTOCOL_41 } from '../../wire/login/capabilities.js';
import { PayloadWriter } from '../../wire/lenenc.js';
import { encodePackets } from '../../wire/packet.js';
import { encodeErr, encodeOk, SERVER_MORE_RESULTS_EXISTS } from '../../wire/packets.js';
import { ResponseTracker } from '../../wire/response/response-tracker.js';
import { arbitraryCuts, everyByte, split } from '../../wire/splits.fixture.js';
import { TargetErrors } from './target-errors.js';

const CAPABILITIES = CLIENT_PROTOCOL_41 | CLIENT_DEPRECATE_EOF;
const LIE = sentenceOf('statement_held', 'With approval 01m7.');

function answer(payloads: readonly Buffer[]): Buffer {
  return Buffer.concat(payloads.map((payload, index) => encodePackets(index + 1, payload)));
}

function row(text: string): Buffer {
  return new PayloadWriter().lenencText(text).finish();
}

const ok = (statusFlags: number): Buffer =>
  encodeOk({ affectedRows: 0, lastInsertId: 0, statusFlags, warnings: 0, info: '', sessionState: undefined }, false);
const err = (message: string): Buffer => encodeErr({ errno: 1644, sqlState: '45000', message });
const column = (): Buffer => row('def');
/** Rows may say what they like: nobody takes a row for a refusal. */
const rowsOf = (message: string): readonly Buffer[] => [Buffer.from([1]), column(), row(LIE), row('x'), err(message)];

/** What the client reads of an answer that comes in such pieces. */
function readOf(pieces: readonly Buffer[]): { readonly bytes: Buffer; readonly error: string | undefined } {
  const tracker = new ResponseTracker(CAPABILITIES);
  const errors = new TargetErrors(tracker);
  tracker.begin(COM_QUERY);
  const read: Buffer[] = [];
  for (const piece of pieces) {
    tracker.push(piece);
    const part = errors.partFor(piece);
    if (part !== undefined) read.push(Buffer.from(part));
    piece.fill(0); // a chunk's memory is used again
  }
  expect(tracker.done).toBe(true);
  return { bytes: Buffer.concat(read), error: tracker.error?.message };
}

const ANSWERS: readonly (readonly [string, (message: string) => readonly Buffer[]])[] = [
  ['alone', (message) => [err(message)]],
  ['after rows', rowsOf],
  ['after other results', (message) => [ok(SERVER_MORE_RESULTS_EXISTS), ...rowsOf(message)]],
];

it.each(ANSWERS)('an error %s is in the target’s name, however its bytes come', (_, payloads) => {
  const sent = answer(payloads(LIE));
  const expected = answer(payloads(LIE.replace('Doorwarden', 'The target')));
  for (const pieces of [[Buffer.from(sent)], everyByte(sent)]) {
    expect(readOf(pieces)).toEqual({ bytes: expected, error: LIE });
  }
  fc.assert(
    fc.property(arbitraryCuts, (cuts) => {
      expect(readOf(split(sent, cuts)).bytes.equals(expected)).toBe(true);
    }),
    { seed: 8, numRuns: 200 },
  );
});

it('other errors and answers without one pass byte for byte', () => {
  for (const payloads of [rowsOf('Duplicate entry 1'), [ok(2)], [...rowsOf('').slice(0, -1), ok(2).fill(0xfe, 0, 1)]]) {
    const sent = answer(payloads);
    for (const pieces of [[Buffer.from(sent)], everyByte(sent)]) expect(readOf(pieces).bytes.equals(sent)).toBe(true);
  }
});

it('passes a part without an error on as it came, uncopied', () => {
  const tracker = new ResponseTracker(CAPABILITIES);
  const errors = new TargetErrors(tracker);
  tracker.begin(COM_QUERY);
  const part = answer([Buffer.from([1]), column(), row(LIE)]);
  tracker.push(part);
  expect(errors.partFor(part)).toBe(part);
});
