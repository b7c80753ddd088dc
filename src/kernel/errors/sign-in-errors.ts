import { type ErrorRow, row } from './error-row.js';

/** The rows of {@link ERROR_TABLE} about signing in, identity providers and sessions. */
export const SIGN_IN_ERRORS = {
  token_refused: row(
    401,
    'The bearer token was refused.',
    'Get a new token from your identity provider for this broker; `check` says which check refused it.',
  ),
  session_ended: row(401, 'The session has ended.', 'Sign in again; on the command line with `doorwarden login`.'),
  session_not_found: row(404, 'There is no such session.', 'List the sessions to see their ids.'),
  device_code_unknown: row(
    404,
    'No command line waits with that code.',
    'Compare it with the code on the terminal; a code works once, for ten minutes. `doorwarden login` gets a new one.',
  ),
  device_needs_browser: row(
    403,
    'Only somebody who is signed in with a browser lets a command line in.',
    'Sign in to the page of the broker, and type the code there.',
  ),
  authorization_pending: row(
    400,
    'Nobody has decided yet whether this command line may sign in.',
    'Ask again after `intervalSeconds`; a person types the code on the page meanwhile.',
  ),
  slow_down: row(
    400,
    'The command line asks more often than it was told.',
    'Wait five seconds longer before each further time.',
  ),
  access_denied: row(400, 'Somebody has refused this command line.', 'Start `doorwarden login` again if it was yours.'),
  expired_token: row(
    400,
    'The time of this code is over, or it was used.',
    'Start `doorwarden login` again to get a new code.',
  ),
  credentials_ambiguous: row(
    400,
    'The request carries both an Authorization header and a session.',
    'Send one of them.',
  ),
  cross_site_refused: row(
    403,
    'The call comes from another site than the page of this broker.',
    'Use the page of the broker itself; a script sends an API key instead of a session.',
  ),
  signin_refused: row(
    403,
    'The sign-in was refused.',
    'Sign in again. If it fails again, give the short code and the request id to an operator.',
  ),
  signin_not_started_here: row(
    403,
    'This browser did not start the sign-in.',
    'Start the sign-in on the page of the broker, in the same browser.',
  ),
  signin_expired: row(403, 'The sign-in took too long, or it was used already.', 'Start the sign-in again.'),
  signin_not_mapped: row(
    403,
    'No rule of the identity mapping fits you.',
    'Ask an operator to add a rule for you, who sees with POST /v1/identity-mapping/try which rules fit.',
  ),
  signin_name_taken: row(
    409,
    'The principal of that name belongs to another identity.',
    'Ask an operator to change the template of the mapping, or to choose another name.',
  ),
  signin_principal_disabled: row(403, 'The principal is disabled.', 'Ask an operator.'),
  signin_unavailable: row(
    403,
    'Nobody can sign in here, because the path to this address is not encrypted.',
    'Operators: set API_TLS_CERT_FILE and API_TLS_KEY_FILE, or TRUSTED_PROXY and an https address in PUBLIC_URL.',
  ),
  signin_provider_unavailable: row(
    503,
    'The identity provider cannot be reached, or its answer cannot be used.',
    'Try again in a moment; operators: check the provider with GET /v1/identity-providers/{name}.',
  ),
  link_invalid: row(
    403,
    'The one-time link does not work: it was used, it is too old, or this is not the machine for it.',
    'Make a new link with `doorwarden sign-in-link`, or sign in with an identity provider.',
  ),
  provider_not_found: row(404, 'There is no such identity provider.', 'List the identity providers to see the names.'),
  provider_invalid: row(
    422,
    'The identity provider cannot be used with these settings.',
    'Correct the field that `field` names.',
  ),
  provider_changed: row(
    409,
    'Someone else changed the identity provider at the same time.',
    'Read the provider and send the change again.',
  ),
  mapping_invalid: row(422, 'The identity mapping cannot be used.', 'Correct the rule that the detail names.'),
  mapping_changed: row(
    409,
    'Someone else changed the identity mapping at the same time.',
    'Read the mapping and send the change again.',
  ),
} as const satisfies Record<string, ErrorRow>;
