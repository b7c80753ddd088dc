import { type ErrorRow, row } from './error-row.js';

/** The rows of {@link ERROR_TABLE} that only a client of an endpoint is told. */
export const WIRE_ERRORS = {
  // Statements, on the MySQL wire only
  statement_denied: row(
    403,
    'The policy denies this statement.',
    'Do not send it in another form to get past the policy; ask an operator what it allows.',
  ),
  statement_denied_by_approver: row(
    403,
    'An approver denied this statement; it did not run.',
    'The broker does not ask about it a second time under this grant. Do not send it in another form; ask the approver why.',
  ),
  statement_outside_grant: row(
    403,
    'The grant does not cover what this statement needs.',
    'Close this grant and ask for one whose access covers it.',
  ),
  statement_held: row(
    409,
    'This statement waits for an approval. The grant has onHold "error", so the client does not wait.',
    'Wait with GET /v1/approvals/{id}?wait=60 until it is approved, then send the same statement again; it then runs.',
  ),
  statement_hold_in_transaction: row(
    409,
    'This statement needs an approval, and the policy does not let it wait inside a transaction.',
    'Commit or roll back, then send the statement outside a transaction.',
  ),
  transaction_rolled_back: row(
    409,
    'The broker rolled back the transaction, and this statement did not run.',
    'Begin the transaction again from its first statement.',
  ),
  turn_timed_out: row(
    409,
    'The statement waited too long for another statement of this grant, and did not run.',
    'Send it again; an open transaction is still open.',
  ),
  approval_used: row(
    409,
    'The approval of this statement has been used. The statement did not run again.',
    'Send the statement again if you want it to run once more; the broker then asks again.',
  ),
  statement_drifted: row(
    409,
    'The tables or code that the statement touches have changed since its approval, so it did not run.',
    'Send the statement again; the broker then asks again.',
  ),
  rows_over_approved: row(
    409,
    'The statement changed more rows than the approval allows, so the broker rolled it back.',
    'Narrow the statement, or ask an approver for a larger number of rows.',
  ),
  row_limit_impossible: row(
    409,
    'The approval has a row limit that the broker cannot keep for this statement, so it did not run.',
    'Ask the approver to approve it without a row limit.',
  ),
  privileges_not_given: row(
    502,
    'The broker could not give the task account the privileges that this statement needs.',
    'Try again; operators: check what the provisioning account may grant.',
  ),
  prepare_lends_nothing: row(
    403,
    'The target asks for a privilege to prepare this statement, and the broker gives none before an approval.',
    'Send the statement as text instead of preparing it. The broker then holds it, and gives the privilege once it is approved.',
  ),
  statement_not_utf8: row(
    400,
    "Outside its quoted strings, the statement has bytes that are not text in the session's character set.",
    'Send statements as utf8mb4. Put binary values into quoted strings, hex literals or bound values.',
  ),
  statements_over_one: row(
    400,
    'The text has more than one statement. None of them ran, and nobody was asked.',
    'Send the statements one by one.',
  ),
  session_change_refused: row(
    400,
    'The broker does not allow this change of the session.',
    'Leave the setting as it is, or use what the detail names as allowed.',
  ),

  // On the MySQL wire only
  credential_wrong: row(
    401,
    'Access denied: wrong user name or password for this endpoint.',
    'Use the connection that the grant showed.',
  ),
  sessions_over_limit: row(429, 'Too many connections under this grant.', 'Close connections that are idle.'),
  authentication_timeout: row(408, 'The client did not finish its login in time.', 'Connect again.'),
  handshake_invalid: row(400, "The client's login packet is malformed.", 'Use an ordinary MySQL client.'),
  character_set_refused: row(
    400,
    'The broker does not allow this character set.',
    'Connect with utf8mb4, or with a single-byte character set such as latin1.',
  ),
  tls_required: row(400, 'This endpoint requires TLS.', 'Connect with TLS and the CA that came with the connection.'),
  command_refused: row(
    400,
    'The broker does not allow this command.',
    'Use ordinary statements and prepared statements.',
  ),
  statement_unknown: row(400, 'This session has no prepared statement with that id.', 'Prepare the statement first.'),
  bulk_refused: row(
    400,
    'The broker does not run this statement with many rows of values at once.',
    'Execute it once for each row.',
  ),
  payload_too_large: row(413, 'The command is larger than the broker accepts.', 'Send it in smaller parts.'),
  packets_out_of_order: row(
    400,
    "The client's packets came out of order.",
    'Use an ordinary MySQL client and connect again.',
  ),
  packet_malformed: row(400, "The client's packet is malformed.", 'Use an ordinary MySQL client and connect again.'),
  target_leg_lost: row(
    502,
    'The connection to the target was lost.',
    'Connect again. Before you repeat the last statement, look whether it took effect.',
  ),
  target_protocol_violation: row(
    502,
    'The target sent something that its protocol does not allow here.',
    'Connect again, and tell an operator; the broker ended the session.',
  ),
  statement_killed: row(
    409,
    'Another session killed the statement while it waited in the broker; it did not run.',
    'Send it again if you still want it to run. The question about it stays open.',
  ),
  session_killed: row(409, 'A session of this grant killed this session.', 'Connect again.'),
  kill_unknown: row(
    404,
    'No session of this grant has the id that you want to kill.',
    'Use the id that CONNECTION_ID() or the greeting gave to a session of this grant. You cannot kill other sessions.',
  ),
  client_gone: row(
    499,
    'The client went away before its statement ran.',
    'Send the statement again. The question about it stays open.',
  ),
  grant_completed: row(409, 'The principal that asked for the grant has closed it.', 'Ask for a new grant.'),
  grant_expired: row(409, 'The grant has reached its deadline.', 'Ask for a new grant.'),
  grant_revoked: row(409, 'An approver or operator revoked the grant.', 'Ask the one who revoked it for the reason.'),
  grant_drained: row(
    409,
    'The gateway of this grant stopped, and the grant ended with it.',
    'Ask for a new grant. Before you repeat the last statement, look whether it took effect.',
  ),
  grant_failed: row(
    409,
    'The broker ended the grant because it could no longer guarantee what it promises.',
    "Ask for a new grant; operators: read the gateway's log.",
  ),
  gateway_stopping: row(503, 'The gateway is stopping.', 'Ask for a new grant.'),
} as const satisfies Record<string, ErrorRow>;
