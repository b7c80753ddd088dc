import type { EntryFields } from '../../../../recording/entries/entries.js';
import type { RecordedOperation } from './operation.js';
import type { SessionEvent } from './session-events.js';
import { type AnsweringState, type Client, IDLE, type IdleState, type RecordingState } from './session-state.js';

/**
 * The path of a statement that is known and allowed, which nearly all take: recorded, forwarded, answered. `step` says the
 * same of the same events, by these functions; anyone who feeds them may call these without the objects that an event and
 * its acts are. What is to be done is the same each time: record first, forward, record the result and read on.
 */

/** Its entry is made. */
export function recordingOf(client: Client, operation: RecordedOperation, entry: EntryFields): RecordingState {
  return { at: 'recording', client, operation, entry, admission: undefined, rowLimit: undefined };
}

/** Its entry is written. */
export function answeringOf({ client, operation, admission, rowLimit }: RecordingState): AnsweringState {
  return { at: 'answering', client, operation, admission, rowLimit, isDeferred: false, ending: undefined };
}

/** It is answered; undefined where more follows from that than its result and the next command. */
export function idleAfter(
  { client, admission, rowLimit, ending }: AnsweringState,
  event: SessionEvent,
): IdleState | undefined {
  const isPlain =
    admission === undefined &&
    rowLimit === undefined &&
    ending === undefined &&
    client === 'listens' &&
    event.on === 'answered' &&
    event.upkeep === undefined;
  return isPlain ? IDLE : undefined;
}
