import type { ResponseCapture } from '../../../recording/write/response-capture.js';
import { COM_QUIT } from '../wire/commands.js';
import { encodePackets } from '../wire/packet.js';
import type { ErrPacket } from '../wire/packets.js';
import type { ResponseTracker } from '../wire/response/response-tracker.js';
import type { InFlight, Phase } from './in-flight.js';
import type { Leg } from '../../../gateway/leg.js';
import { errorOf } from './error-packets.js';
import type { Turned } from './turned.js';

/** A peer that does not close its side in time is not waited for; a client reads meanwhile why its session ended. */
const FAREWELL_MS = 5_000;

/** What a client is told of a statement that does not run. */
export function errorOfTurned(turned: Turned): ErrPacket {
  return 'answer' in turned ? turned.answer : errorOf(turned.code, turned.detail);
}

const ER_QUERY_INTERRUPTED = 1317;
const ER_CONNECTION_KILLED = 1927;

/** What a target answers a statement that was killed with. */
export function isKillsError(error: ErrPacket | undefined): boolean {
  return error?.errno === ER_QUERY_INTERRUPTED || error?.errno === ER_CONNECTION_KILLED;
}

interface Interrupted {
  readonly phase: Phase;
  readonly inFlight: InFlight | undefined;
  readonly capture: Pick<ResponseCapture, 'bytes'>;
  readonly tracker: Pick<ResponseTracker, 'nextSequenceId'>;
}

/** Whether the target has, or may have, done something of what is in flight. */
export function wasForwarded(phase: Phase, inFlight: InFlight | undefined): boolean {
  return phase === 'answering' || inFlight?.rowLimit !== undefined;
}

/** Of the ERR that a client reads next; undefined in the middle of a packet. */
export function errSequenceId({ phase, inFlight, capture, tracker }: Interrupted): number | undefined {
  if (inFlight === undefined || phase === 'settling') return 1;
  if (!wasForwarded(phase, inFlight) || capture.bytes === 0) return inFlight.requestSequenceId + 1;
  return tracker.nextSequenceId;
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
