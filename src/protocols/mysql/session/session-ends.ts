import { COM_QUIT } from '../wire/commands.js';
import { encodePackets } from '../wire/packet.js';
import type { ErrPacket } from '../wire/packets.js';
import type { Leg } from '../../../gateway/leg.js';

/** A peer that does not close its side in time is not waited for; a client reads meanwhile why its session ended. */
const FAREWELL_MS = 5_000;

const ER_QUERY_INTERRUPTED = 1317;
const ER_CONNECTION_KILLED = 1927;

/** What a target answers a statement that was killed with. */
export function isKillsError(error: ErrPacket | undefined): boolean {
  return error?.errno === ER_QUERY_INTERRUPTED || error?.errno === ER_CONNECTION_KILLED;
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
