import type { ApprovalEvent } from '../../contracts/approvals/approval.js';
import { ALIVE_EVENT } from '../../contracts/live-stream.js';
import type { RecordingEvent } from '../../contracts/recordings/recording.js';

/** How long a stream may be silent: proxies and clients take a silent connection for a dead one. */
export const HEARTBEAT_MS = 15_000;

/**
 * A server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html). JSON has no line breaks, so one
 * `data` line holds it.
 */
export function eventText(event: ApprovalEvent | RecordingEvent | typeof ALIVE_EVENT, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Sent where nothing else is. */
export const ALIVE_TEXT = eventText(ALIVE_EVENT, {});
