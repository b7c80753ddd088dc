import { type ErrorRow, row } from './error-row.js';

/** The rows of {@link ERROR_TABLE} about decisions in Slack, and about who somebody there is. */
export const SLACK_ERRORS = {
  slack_unavailable: row(503, 'Slack did not answer.', 'Decide on the page of the broker, or try again in a moment.'),
  slack_request_invalid: row(
    400,
    'What came from Slack is none of the buttons, forms or commands of this broker.',
    'Open the question on the page of the broker.',
  ),
  slack_too_late: row(
    409,
    'The broker could not act on what you did in Slack in time, so nothing has changed.',
    'Look at the question again, and click again if it still waits.',
  ),
  slack_form_too_large: row(
    409,
    'What you would approve does not fit a form of Slack.',
    'Open the question on the page of the broker.',
  ),
  slack_not_linked: row(
    403,
    'The broker does not know who you are.',
    'Sign in to the page of the broker, make a code there under "You" and "Slack", and send the command that it shows.',
  ),
  slack_account_refused: row(
    403,
    'This account is not a full, active member of the workspace of this broker.',
    'Decide on the page of the broker.',
  ),
  slack_email_unknown: row(
    403,
    'Your e-mail address in Slack is not confirmed, or is not that of exactly one person whom an identity provider has signed in here.',
    'Sign in to the page of the broker with that address, or decide there.',
  ),
  slack_sign_in_old: row(
    403,
    'Your last sign-in to the broker is too long ago, or what it may give you has changed since: nobody knows whether you may still decide.',
    'Sign in to the page of the broker, then click again.',
  ),
  slack_link_off: row(
    409,
    'No accounts of Slack are linked here: the broker has no Slack, or it knows people there by their e-mail addresses.',
    'Ask an operator how people are known in Slack.',
  ),
  slack_link_needs_session: row(
    403,
    'Only somebody who is signed in to the page can link an account of Slack.',
    'Sign in with a browser; an API key or a token is not enough.',
  ),
  slack_link_code_invalid: row(
    403,
    'The code is not valid: it was used already, its time is up, or it never was one.',
    'Make a new code on your own page of the broker; it works once and for ten minutes.',
  ),
  slack_linked_already: row(
    409,
    'This account of Slack, or this principal, is linked already.',
    'Take that link away on the page of its principal, then make a new code.',
  ),
} as const satisfies Record<string, ErrorRow>;
