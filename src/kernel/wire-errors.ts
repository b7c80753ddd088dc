import { type ErrorRow, row } from './error-row.js';

/** The rows of {@link ERROR_TABLE} that only a client of an endpoint is told. */
export const WIRE_ERRORS = {
  // Statements, on the MySQL wire only
  statement_denied: row(
    403,
    'The policy denies this statement.',
    'Do the task with statements that the policy allows, or ask an operator.',
  ),
  statement_denied_by_approver: row(
    403,
    'An approver denied this statement; it did not run.',
    'The same statement is not asked again under this grant.',
  ),
  statement_outside_grant: row(
    403,
    'The grant does not cover what this statement needs.',
    'Close this grant and ask for one whose access names it.',
  ),
  statement_held: row(
    409,
    'This statement waits for an approval, and the grant was asked for with onHold "error".',
    'Wait with GET /v1/approvals/{id}?wait=60 until it is approved, then send the same statement again: it runs then.',
  ),
  statement_hold_in_transaction: row(
    409,
    'This statement needs an approval, and the policy does not let it wait inside a transaction.',
    'Commit or roll back, then send the statement on its own.',
  ),
  transaction_rolled_back: row(
    409,
    'The broker rolled back the transaction, and this statement did not run.',
    'Begin the transaction again from its first statement.',
  ),
  turn_timed_out: row(
    409,
    'The statement waited too long for another one of this grant, and did not run.',
    'Send it again; an open transaction is still open.',
  ),
  approval_used: row(
    409,
    'The approval of this statement was used already; it did not run again.',
    'Send the statement again if you mean to run it once more; it is asked again.',
  ),
  statement_drifted: row(
    409,
    'What the statement touches has changed since it was approved; it did not run.',
    'Send the statement again; it is asked again.',
  ),
  rows_over_approved: row(
    409,
    'The statement changed more rows than were approved, and was rolled back.',
    'Narrow the statement, or ask for a larger number of rows.',
  ),
  row_limit_impossible: row(
    409,
    'The approval carries a row limit that cannot be kept for this statement; it did not run.',
    'Ask the approver to approve it without a row limit.',
  ),
  privileges_not_given: row(
    502,
    'The privileges that this statement needs could not be given.',
    'Try again; operators: check what the provisioning account may grant.',
  ),
  prepare_lends_nothing: row(
    403,
    'The target wants a privilege to prepare this statement, and nothing is given for that before an approval.',
    'Send it as a text instead of preparing it: it is held then, and has what it needs once it is approved.',
  ),
  statement_not_utf8: row(
    400,
    "The statement holds bytes that are no text of the session's character set, beyond its quoted strings.",
    'Send statements as utf8mb4; binary values may stand in quoted strings, as hex literals or as bound values.',
  ),
  statements_over_one: row(
    400,
    'The text holds more than one statement; none of them ran, and nobody was asked.',
    'Send the statements one by one.',
  ),
  session_change_refused: row(
    400,
    'This change of the session is not allowed through the broker.',
    'Leave the setting as it is; the detail names what is allowed.',
  ),

  // On the MySQL wire only
  credential_wrong: row(
    401,
    'Access denied: wrong user name or password for this endpoint.',
    'Use the connection that the grant showed.',
  ),
  sessions_over_limit: row(429, 'Too many connections under this grant.', 'Close connections that are idle.'),
  authentication_timeout: row(408, 'The client did not finish its login in time.', 'Connect again.'),
  handshake_invalid: row(400, "The client's handshake is not well formed.", 'Use an ordinary MySQL client.'),
  character_set_refused: row(
    400,
    'This character set is not allowed through the broker.',
    'Connect with utf8mb4, or with a set of single bytes such as latin1.',
  ),
  tls_required: row(400, 'This endpoint asks for TLS.', 'Connect with TLS and the CA that came with the connection.'),
  command_refused: row(
    400,
    'This command is not allowed through the broker.',
    'Use ordinary statements and prepared statements.',
  ),
  statement_unknown: row(
    400,
    'There is no prepared statement of that id in this session.',
    'Prepare the statement first.',
  ),
  bulk_refused: row(
    400,
    'This statement does not run with many rows of values at once through the broker.',
    'Execute it row by row.',
  ),
  payload_too_large: row(413, 'The command is larger than the broker accepts.', 'Send it in smaller parts.'),
  packets_out_of_order: row(400, 'Packets came out of order.', 'Use an ordinary MySQL client and connect again.'),
  packet_malformed: row(400, 'The packet is not well formed.', 'Use an ordinary MySQL client and connect again.'),
  target_leg_lost: row(
    502,
    'The connection to the target was lost.',
    'Connect again; look whether the last statement took effect before you repeat it.',
  ),
  target_protocol_violation: row(
    502,
    'The target sent what the protocol does not allow here.',
    'Tell an operator; the session was ended.',
  ),
  statement_killed: row(
    409,
    'The statement was killed while it waited in the broker; it did not run.',
    'Send it again if it is still wanted; what was asked about it is still asked.',
  ),
  session_killed: row(409, 'The session was killed by one of its grant.', 'Connect again.'),
  kill_unknown: row(
    404,
    'No session of this grant has the id that shall be killed.',
    'Give the id that CONNECTION_ID() or the greeting said in a session of this grant; others are not reached.',
  ),
  client_gone: row(
    499,
    'The client went away before its statement ran.',
    'Send the statement again; what was asked about it is still asked.',
  ),
  grant_completed: row(409, 'The grant was closed by its requester.', 'Ask for a new grant.'),
  grant_expired: row(409, 'The grant has reached its deadline.', 'Ask for a new grant.'),
  grant_revoked: row(409, 'The grant was revoked.', 'Ask the approver or operator who revoked it.'),
  grant_drained: row(
    409,
    'The gateway of the grant was stopped, and the grant ended with it.',
    'Ask for a new grant; look whether the last statement took effect before you repeat it.',
  ),
  grant_failed: row(
    409,
    'The grant was ended because the broker could not keep its promises.',
    "Ask for a new grant; operators: see the gateway's log.",
  ),
  gateway_stopping: row(503, 'The gateway is stopping.', 'Ask for a new grant.'),
} as const satisfies Record<string, ErrorRow>;
