import { ERROR_TABLE, sentenceOf, type ErrorCode } from '../kernel/errors.js';
import { COM_QUIT } from '../wire/mysql/commands.js';
import { encodePackets } from '../wire/mysql/packet.js';
import { encodeErr } from '../wire/mysql/packets.js';
import type { Leg } from './leg.js';

/** A peer that does not close its side in time is not waited for; a client reads meanwhile why its session ended. */
const FAREWELL_MS = 5_000;

/** What a client is told, as a packet. */
export function errPacket(code: ErrorCode, sequenceId: number, detail?: string): Buffer {
  const { errno, sqlState } = ERROR_TABLE[code];
  return encodePackets(sequenceId & 0xff, encodeErr({ errno, sqlState, message: sentenceOf(code, detail) }));
}

/** What the client still sends is thrown away, so that it can read what it was told. */
export function endClientLeg(client: Leg): void {
  if (!client.writableEnded) client.end();
  client.resume();
  client.destroyAfter(FAREWELL_MS);
}

/** `isBetweenCommands`: the target can be told that the session is over; else the connection is cut. */
export function endTargetLeg(target: Leg, isBetweenCommands: boolean): void {
  if (isBetweenCommands && !target.destroyed) target.end(encodePackets(0, Buffer.from([COM_QUIT])));
  else target.destroy();
  target.resume();
  target.destroyAfter(FAREWELL_MS);
}
