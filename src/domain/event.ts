/** What programs outside may be told of, by its type, and when that is. A type is never renamed. */
export const EVENT_TYPES = {
  'grant.requested': 'Somebody asked for a grant.',
  'grant.active': 'A grant is open: its connection can be fetched and used.',
  'grant.closed': 'A grant closes: it admits no further statements. Its reason says why.',
  'grant.sealed': 'The recording of a grant is sealed, and nothing is left of the grant.',
  'grant.refused': 'A grant was refused before it opened.',
  'approval.asked': 'People must decide about a held statement or a requested grant.',
  'approval.decided': 'Somebody approved or denied. The state says whether the question is settled with that.',
  'approval.withdrawn': 'Somebody took their own approval back.',
  'approval.timed_out': 'Nobody decided in time.',
  'approval.cancelled': 'A question, or an approval with uses left, ended with its grant.',
  'recording.sealed': 'A sealed file was verified and registered, with its SHA-256.',
  'recording.verification_failed': 'A sealed recording was checked and does not hold.',
  'act.recorded': 'The administrative record has a new entry.',
  'webhook.test': 'An operator had a test event sent; only the webhook that is tested gets it.',
} as const satisfies Readonly<Record<string, string>>;

export type EventType = keyof typeof EVENT_TYPES;

export function isEventType(text: string): text is EventType {
  return Object.hasOwn(EVENT_TYPES, text);
}

/** Types that a webhook can choose; a test is sent to the one that is tested, whatever it has chosen. */
export type ChosenType = Exclude<EventType, 'webhook.test'>;

export const CHOSEN_TYPES: readonly ChosenType[] = Object.keys(EVENT_TYPES)
  .filter(isEventType)
  .filter((type) => type !== 'webhook.test');

/** Why a webhook is sent nothing: an operator paused it, it failed for too long, or it said that it is gone (410). */
export const PAUSE_REASONS = ['operator', 'failing', 'gone'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** `waiting`: it is sent, or sent again, at its next time. `failed`: nobody sends it again unless somebody asks for it. */
export const DELIVERY_STATES = ['waiting', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** What payloads have besides the facts, where the webhook asks for it and the environment lets it. */
export const EVENT_DETAILS = ['statement', 'rows'] as const;
export type EventDetail = (typeof EVENT_DETAILS)[number];
