import { type ErrorRow, row } from './error-row.js';

/** The rows of {@link ERROR_TABLE} about webhooks. */
export const WEBHOOK_ERRORS = {
  webhook_not_found: row(404, 'There is no such webhook.', 'List the webhooks to see their ids.'),
  webhook_exists: row(409, 'A webhook with that name exists already.', 'Choose another name.'),
  webhook_invalid: row(
    422,
    'Events cannot be sent like that.',
    'Change what the detail names; what the environment allows stands in the list of webhooks.',
  ),
  webhook_changed: row(
    409,
    'Somebody has changed the webhook meanwhile.',
    'Look at it again, and make the change from the revision that it has now.',
  ),
  webhook_paused: row(409, 'The webhook is paused, so nothing is sent to it.', 'Resume it first.'),
  webhook_delivery_not_found: row(
    404,
    'There is no such delivery, or its event is more than seven days old and forgotten.',
    'List the deliveries of the webhook to see their ids.',
  ),
  webhook_delivery_waits: row(
    409,
    'The delivery is not over: it is sent at the time that it says.',
    'Wait until it is delivered or has failed.',
  ),
} as const satisfies Record<string, ErrorRow>;
