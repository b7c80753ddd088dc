import { PayloadWriter } from '../lenenc.js';
import { CLIENT_DEPRECATE_EOF, CLIENT_PROTOCOL_41, CLIENT_SESSION_TRACK } from '../login/capabilities.js';
import { encodePackets, PACKET_PAYLOAD_BYTES_MAX } from '../packet.js';
import { encodeEof, encodeOk } from '../packets.js';
import { ResponseTracker } from './response-tracker.js';

export const WITH_EOF = CLIENT_PROTOCOL_41 | CLIENT_SESSION_TRACK;
export const WITHOUT_EOF = WITH_EOF | CLIENT_DEPRECATE_EOF;
export const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Payloads as packets that count on from the request, whose one packet had the id 0. */
export function responseOf(payloads: readonly Buffer[]): Buffer {
  let sequenceId = 1;
  const packets = payloads.map((payload) => {
    const encoded = encodePackets(sequenceId & 0xff, payload);
    sequenceId += Math.floor(payload.length / PACKET_PAYLOAD_BYTES_MAX) + 1;
    return encoded;
  });
  return Buffer.concat(packets);
}

export function outcomeOf(tracker: ResponseTracker) {
  const { done, results, error, prepared, statusFlags, rowsPending } = tracker;
  return { done, results, error, prepared, statusFlags, rowsPending };
}

export function track(capabilities: number, command: number, chunks: readonly Buffer[], cursorRequested = false) {
  const tracker = new ResponseTracker(capabilities);
  tracker.begin(command, 0, cursorRequested);
  for (const chunk of chunks) tracker.push(chunk);
  return outcomeOf(tracker);
}

export const definition = new PayloadWriter()
  .lenencText('def')
  .lenencText('shop')
  .lenencText('items')
  .lenencText('items')
  .lenencText('name')
  .lenencText('name')
  .uint8(12)
  .zeros(12)
  .finish();

export const okOf = (status: number, affectedRows = 0, header: 0x00 | 0xfe = 0x00) =>
  encodeOk(
    { affectedRows, lastInsertId: 0, statusFlags: status, warnings: 1, info: '', sessionState: undefined },
    true,
    header,
  );

export function endOfRows(deprecateEof: boolean, status: number): Buffer {
  return deprecateEof ? okOf(status, 0, 0xfe) : encodeEof({ warnings: 1, statusFlags: status });
}
