import { type ErrorRow, row } from './error-row.js';
import { REQUEST_ERRORS } from './request-errors.js';
import { SIGN_IN_ERRORS } from './sign-in-errors.js';
import { SLACK_ERRORS } from './slack-errors.js';
import { WEBHOOK_ERRORS } from './webhook-errors.js';
import { WIRE_ERRORS } from './wire-errors.js';

/** What can be refused or fail, by its stable code; see {@link ErrorRow}. */
export const ERROR_TABLE = {
  ...REQUEST_ERRORS,

  // Principals and keys
  principal_exists: row(409, 'A principal with that name exists already.', 'Choose another name.'),
  principal_not_found: row(404, 'There is no such principal.', 'List principals to see the names.'),
  principal_person_conflict: row(
    422,
    'The principals cannot be those of one person, or cannot be an agent and its sponsor.',
    'Say `samePersonAs` of principals that are no agents, and `sponsor` of an agent; the detail names what does not fit.',
  ),
  principal_roles_conflict: row(
    422,
    'A principal with the role agent can have no other role.',
    'Make a second principal for the other role.',
  ),
  key_needs_second_operator: row(
    409,
    'This principal decides, reads recordings or makes keys, so one operator alone cannot make a further key for it.',
    'Let the principal make the key itself, or ask another operator to make the same call with the id in request as "request"; that operator is shown the key.',
  ),
  key_request_not_found: row(
    404,
    'This principal has no open request for a key with that id.',
    'Ask for the key again, and have another operator confirm it within an hour.',
  ),
  key_request_own: row(
    403,
    'The second operator must be a different person from the first, and neither may have made the key of the other.',
    'Ask an operator who has a key of their own, or let the principal make the key itself.',
  ),
  api_key_not_found: row(404, 'There is no such API key.', 'List the keys of the principal.'),
  key_expiry_invalid: row(
    422,
    'A key cannot end at that time.',
    'Name a time in the future; a key that is made with one that ends can end no later.',
  ),
  key_scope_invalid: row(
    422,
    'A key cannot have that scope.',
    'Name only permissions that the principal has by its roles and, where it makes the key itself, by the key that it uses.',
  ),

  // Signing in
  ...SIGN_IN_ERRORS,

  // Slack
  ...SLACK_ERRORS,

  // Targets
  target_exists: row(
    409,
    'A target with that name exists already.',
    'Choose another name, or change the target with PATCH.',
  ),
  target_not_found: row(404, 'There is no such target.', 'List targets to see the names.'),
  target_in_use: row(
    409,
    'The target has grants that are not sealed.',
    'Revoke its grants and wait until they are sealed, then try again.',
  ),
  target_changed: row(
    409,
    'Someone else changed the target at the same time.',
    'Read the target and send the change again.',
  ),
  target_database_missing: row(
    422,
    'The target does not have the default database.',
    'Tell an operator, who names a database that the target has and its limits allow.',
  ),
  target_unreachable: row(
    502,
    'The target cannot be reached.',
    'Try again in a moment; operators: check the host, the port and that the database server runs.',
  ),
  target_login_refused: row(
    502,
    "The target refused the broker's login.",
    'Tell an operator, who checks the provisioning account and its password with PATCH /v1/targets/{name}.',
  ),
  target_statement_refused: row(
    502,
    'The target refused a statement of the broker.',
    'Check the request, by the error number that the detail names; operators: check what the provisioning account may do.',
  ),
  target_tls_unavailable: row(
    502,
    'The target offers no TLS, but the registration asks for it.',
    'Tell an operator, who switches TLS on at the target, or says `tls: {mode: "off"}` if the path to it is trusted.',
  ),
  target_tls_untrusted: row(
    502,
    "The target's certificate could not be verified.",
    'Tell an operator, who gives the CA in `tls.ca`, or the name that the certificate carries in `tls.serverName`.',
  ),
  target_unsupported: row(
    422,
    'The target speaks a protocol or version that is not supported.',
    'Tell an operator, who registers MariaDB 10.5 or newer, or MySQL 8.0 or newer. Where the detail names authentication plugins, the account must have one of them.',
  ),
  protocol_unknown: row(
    422,
    'This version of the broker does not know the protocol of the target.',
    'Use another target; operators: name a protocol that it knows, and run one version of api, gateway and worker.',
  ),
  target_privileges_missing: row(
    422,
    'The provisioning account lacks privileges.',
    'Tell an operator, who runs the GRANT statements that `missing` lists on the target; then try again.',
  ),
  target_credential_missing: row(
    409,
    'The target has no credential.',
    'Tell an operator, who sets `username` and `password` with PATCH /v1/targets/{name}. The broker drops them when the endpoint changes.',
  ),
  encryption_key_missing: row(
    503,
    'The broker has no key yet to encrypt the credentials of targets.',
    'Try again in a moment; operators: start a gateway, which makes the key.',
  ),

  // Grants
  grant_not_found: row(404, 'There is no such grant.', 'List your grants to see their ids.'),
  grant_ttl_over_limit: row(
    422,
    'The request asks for more time than the target allows.',
    'Ask for at most the seconds that the detail names.',
  ),
  grant_privileges_over_limit: row(
    422,
    'The request asks for more access than the target allows.',
    'Ask only for the privileges and databases that the detail names.',
  ),
  grant_access_missing: row(
    422,
    'The request names no access and the target has no default database.',
    'Name `access` in the request.',
  ),
  grant_table_unknown: row(
    422,
    'The access names a table that does not exist.',
    'Ask for tables that exist, or for the whole database.',
  ),
  grant_not_active: row(409, 'The grant is no longer active.', 'Ask for a new grant.'),
  connection_already_fetched: row(
    409,
    'The broker has already shown the connection of this grant, and shows it only once.',
    'Close this grant and ask for a new one.',
  ),
  connection_not_ready: row(
    409,
    'The grant is not active yet, so it has no connection.',
    'Wait with GET /v1/grants/{id}?wait=60&while=requested until its state is active.',
  ),
  endpoint_ports_exhausted: row(
    503,
    "All ports of the gateway's range are in use.",
    'Close grants whose task is done; operators: widen GATEWAY_PORT_RANGE.',
  ),
  gateway_not_found: row(404, 'No gateway with that name is alive.', 'List gateways to see the names.'),
  gateway_unavailable: row(
    503,
    'No gateway answered in time.',
    'Ask again in a moment; operators: check that a gateway is alive and ready.',
  ),
  open_failed: row(502, 'The grant could not be opened.', 'Read the detail, then ask again.'),

  // What the broker stands on
  state_unavailable: row(
    503,
    'The state database cannot be reached.',
    'Try again in a moment; operators: check DATABASE_URL and the database.',
  ),
  record_unavailable: row(
    503,
    'The administrative record does not take an entry, so what it would tell of is not done.',
    'Operators: have the record verified with GET /v1/record/verification, and look whether the state database is full or lacks a migration.',
  ),
  queue_unavailable: row(
    503,
    'Redis cannot be reached.',
    'Try again in a moment; operators: check REDIS_URL and Redis.',
  ),
  recording_unavailable: row(
    503,
    'The recording cannot be written, so nothing is forwarded.',
    'Tell an operator, who checks the free space in RECORDINGS_DIR, and that the gateway may write there.',
  ),

  // Recordings
  recording_not_found: row(404, 'There is no recording of that grant.', 'List recordings to see the ids.'),
  recording_mismatch: row(
    500,
    "The file in the place of the grant's recording is not that recording.",
    'Operators: find out what replaced the file in RECORDINGS_DIR, and put back the file with the SHA-256 that the list of recordings shows.',
  ),
  search_too_wide: row(
    422,
    'The search would have to look at too many statements.',
    'Narrow the time with from and to, or add a facet such as a principal, a target or a table.',
  ),
  recording_unreadable: row(
    500,
    'The recording, or a part of it, cannot be read.',
    'Have it verified with GET /v1/recordings/{grantId}/verification, which says what does not hold. Operators: put back the file with the SHA-256 that the list of recordings shows.',
  ),
  recording_statement_not_found: row(
    404,
    'The recording does not have that statement, or not that result of it.',
    'Page through its entries: an operation says its number.',
  ),
  recording_not_sealed: row(409, 'The recording is not sealed yet.', "Wait until the grant's state is sealed."),

  // Channels
  channel_not_found: row(404, 'There is no such channel.', 'List channels to see the names.'),
  channel_not_testable: row(
    409,
    'No worker that is alive has this channel open, or it sends no tests.',
    'Set its variables for the worker and start it; the list of channels says whether it is configured.',
  ),
  channel_test_under_way: row(
    409,
    'A test of this channel is under way.',
    'Look at the list of channels for how it went, and ask again after that.',
  ),

  // Policies
  policy_invalid: row(
    422,
    'The policy does not parse or does not fit the schema.',
    'Correct the line that the detail names. The policies in force have not changed.',
  ),
  policy_changed: row(
    409,
    'Someone else changed the policies at the same time.',
    'Read the policy and send the change again.',
  ),
  policy_not_found: row(404, 'There is no such policy.', 'List the policies to see the names.'),
  policy_replay_busy: row(
    503,
    'The api has recorded statements judged again for as many drafts as it may at once.',
    'Try again in some seconds.',
  ),
  policy_unavailable: row(
    503,
    'The gateway cannot learn which policies are in force, so it forwards nothing.',
    'Try again in a moment; operators: check the state database.',
  ),
  grant_request_denied: row(
    403,
    'The policy does not let you ask for this grant.',
    'Ask for what `asking` of the target says, or ask an operator.',
  ),

  // Approvals
  approval_not_found: row(404, 'There is no such approval.', 'List approvals to see the ids.'),
  approval_already_decided: row(
    409,
    'The approval has already been decided.',
    'Read the approval to see who decided, and how.',
  ),
  approval_timed_out: row(
    409,
    'Nobody decided in time, so the statement did not run.',
    'Ask an approver to look, then send the very same statement again, which asks again.',
  ),
  approval_cancelled: row(
    409,
    'The approval was cancelled, so the statement did not run.',
    'Ask for a new grant if the task goes on.',
  ),
  approval_withdrawn: row(
    409,
    'An approver took the approval back, so the statement did not run.',
    'The broker does not ask about it a second time under this grant. Do not send it in another form; ask the approver why.',
  ),
  approval_not_given_by_you: row(
    409,
    'You have given no approval here that you could take back.',
    'Read the approval to see who approved it.',
  ),
  approval_already_used: row(
    409,
    'The approval has been used, so it cannot be taken back.',
    'Read the recording to see what ran. To stop the task, revoke its grant.',
  ),
  approval_of_own_request: row(
    403,
    'You cannot decide on a request of your own, of another principal of yours, or of an agent that you answer for.',
    'Ask another approver.',
  ),
  approval_changed: row(
    409,
    'The question has changed since you read it.',
    'Read the approval again, then decide with its new revision.',
  ),
  approval_web_only: row(
    403,
    'The policy takes a decision on this only from a person who is signed in on the web page.',
    'Sign in with the browser and decide there.',
  ),
  reauthentication_required: row(
    403,
    'The policy takes a decision on this only from a person who signed in a short time ago.',
    'Sign in again, then decide.',
  ),
  approval_not_an_approver: row(
    403,
    'The policy asks other people to decide this.',
    'Ask someone in one of the groups that the detail names.',
  ),
  approval_answered_by_you: row(
    409,
    'You have answered this approval already, with this or with another principal of yours.',
    'Other people must give the approvals that are still missing.',
  ),
  approval_scope_invalid: row(
    422,
    'This scope does not fit the question.',
    'Approve it once, or give the bounds that the detail names.',
  ),
  approvals_over_limit: row(429, 'Too many questions already wait for people.', 'Wait until some are decided.'),
  export_over_limit: row(
    422,
    'There are more approvals than one export holds.',
    'Give a shorter time with "from" and "to", or another filter.',
  ),
  watchers_over_limit: row(
    503,
    'Too many callers follow approvals or recordings on this api, or wait for the index of a recording.',
    'Try again in a moment, or ask for pages: GET /v1/approvals, GET /v1/recordings/{grantId}/entries.',
  ),
  grant_denied: row(403, 'An approver denied the grant.', 'Ask the approver why, and ask for less.'),
  grant_approval_timed_out: row(409, 'Nobody decided on the grant in time.', 'Ask again, or ask an approver to look.'),
  grant_approval_withdrawn: row(
    409,
    'An approver took the approval of the grant back before it was opened.',
    'Ask the approver why, then ask again.',
  ),

  // Webhooks
  ...WEBHOOK_ERRORS,
  ...WIRE_ERRORS,
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** Every code, in the table's order. */
export const ERROR_CODES: readonly ErrorCode[] = Object.keys(ERROR_TABLE).filter(isErrorCode);

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_TABLE, text);
}
