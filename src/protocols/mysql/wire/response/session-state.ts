import { PayloadReader } from '../lenenc.js';

/**
 * What a server reports of its session in OK packets under CLIENT_SESSION_TRACK.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_ok_packet.html
 */
export type TrackedChange =
  | { readonly kind: 'variable'; readonly name: string; readonly value: string }
  | { readonly kind: 'schema'; readonly name: string }
  /** Trackers that nobody here acts on: state change, GTIDs, transaction characteristics and state, future ones. */
  | { readonly kind: 'other'; readonly tracker: number };

const SESSION_TRACK_SYSTEM_VARIABLES = 0;
const SESSION_TRACK_SCHEMA = 1;

/** Reads the session state of an OK packet: all changes, in the server's order. */
export function decodeSessionState(sessionState: Buffer): readonly TrackedChange[] {
  const reader = new PayloadReader(sessionState, 'target_protocol_violation');
  const changes: TrackedChange[] = [];
  while (reader.remaining > 0) {
    const tracker = reader.uint8();
    const entry = new PayloadReader(reader.lenencBytes(), 'target_protocol_violation');
    if (tracker === SESSION_TRACK_SYSTEM_VARIABLES) {
      // MariaDB puts several pairs into one entry, MySQL one.
      while (entry.remaining > 0) {
        changes.push({ kind: 'variable', name: entry.lenencText(), value: entry.lenencText() });
      }
    } else if (tracker === SESSION_TRACK_SCHEMA) {
      changes.push({ kind: 'schema', name: entry.lenencText() });
      entry.expectEnd();
    } else {
      changes.push({ kind: 'other', tracker });
    }
  }
  return changes;
}
