import type { ErrorCode } from '../../kernel/errors/error-table.js';

/** How the MySQL protocol says an error: its number and SQLSTATE. */
export interface WireCode {
  readonly errno: number;
  readonly sqlState: string;
}

/**
 * What clients are told in an ERR packet with each of the broker's codes, so that drivers do what is right: begin a
 * transaction again, take a new connection, give up.
 *
 * https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html
 */
export function wireCodeOf(code: ErrorCode): WireCode {
  return WIRE_CODES[code] ?? ER_UNKNOWN_ERROR;
}

/** Drivers do nothing of their own with it. */
const ER_UNKNOWN_ERROR: WireCode = { errno: 1105, sqlState: 'HY000' };

const WIRE_CODES: Partial<Record<ErrorCode, WireCode>> = {
  body_too_large: { errno: 1153, sqlState: '08S01' },
  unauthenticated: { errno: 1045, sqlState: '28000' },
  forbidden: { errno: 1227, sqlState: '42000' },
  statement_denied: { errno: 1227, sqlState: '42000' },
  statement_denied_by_approver: { errno: 1227, sqlState: '42000' },
  statement_outside_grant: { errno: 1142, sqlState: '42000' },
  statement_hold_in_transaction: { errno: 1568, sqlState: '25001' },
  transaction_rolled_back: { errno: 1213, sqlState: '40001' },
  turn_timed_out: { errno: 1205, sqlState: 'HY000' },
  privileges_not_given: { errno: 1142, sqlState: '42000' },
  prepare_lends_nothing: { errno: 1142, sqlState: '42000' },
  statement_not_utf8: { errno: 1300, sqlState: 'HY000' },
  statements_over_one: { errno: 1064, sqlState: '42000' },
  session_change_refused: { errno: 1231, sqlState: '42000' },
  credential_wrong: { errno: 1045, sqlState: '28000' },
  sessions_over_limit: { errno: 1040, sqlState: '08004' },
  authentication_timeout: { errno: 1159, sqlState: '08S01' },
  handshake_invalid: { errno: 1043, sqlState: '08S01' },
  character_set_refused: { errno: 1115, sqlState: '42000' },
  tls_required: { errno: 3159, sqlState: 'HY000' },
  command_refused: { errno: 1047, sqlState: '08S01' },
  statement_unknown: { errno: 1243, sqlState: 'HY000' },
  bulk_refused: { errno: 1295, sqlState: 'HY000' },
  payload_too_large: { errno: 1153, sqlState: '08S01' },
  packets_out_of_order: { errno: 1156, sqlState: '08S01' },
  packet_malformed: { errno: 1835, sqlState: 'HY000' },
  target_leg_lost: { errno: 1152, sqlState: '08S01' },
  target_protocol_violation: { errno: 1152, sqlState: '08S01' },
  statement_killed: { errno: 1317, sqlState: '70100' },
  session_killed: { errno: 1927, sqlState: '70100' },
  kill_unknown: { errno: 1094, sqlState: 'HY000' },
  client_gone: { errno: 1158, sqlState: '08S01' },
  grant_completed: { errno: 1927, sqlState: '70100' },
  grant_expired: { errno: 1927, sqlState: '70100' },
  grant_revoked: { errno: 1927, sqlState: '70100' },
  grant_drained: { errno: 1053, sqlState: '08S01' },
  grant_failed: { errno: 1927, sqlState: '70100' },
  gateway_stopping: { errno: 1053, sqlState: '08S01' },
  target_database_missing: { errno: 1049, sqlState: '42000' },
  target_unreachable: { errno: 1429, sqlState: 'HY000' },
  target_login_refused: { errno: 1429, sqlState: 'HY000' },
  target_statement_refused: { errno: 1429, sqlState: 'HY000' },
  target_tls_unavailable: { errno: 1429, sqlState: 'HY000' },
  target_tls_untrusted: { errno: 1429, sqlState: 'HY000' },
  target_unsupported: { errno: 1429, sqlState: 'HY000' },
  target_privileges_missing: { errno: 1227, sqlState: '42000' },
  grant_privileges_over_limit: { errno: 1227, sqlState: '42000' },
  grant_table_unknown: { errno: 1146, sqlState: '42S02' },
  grant_not_active: { errno: 1927, sqlState: '70100' },
  endpoint_ports_exhausted: { errno: 1040, sqlState: '08004' },
  grant_request_denied: { errno: 1227, sqlState: '42000' },
  approval_timed_out: { errno: 3572, sqlState: 'HY000' },
  approval_cancelled: { errno: 3572, sqlState: 'HY000' },
  approval_withdrawn: { errno: 1227, sqlState: '42000' },
  approval_of_own_request: { errno: 1227, sqlState: '42000' },
  approval_not_an_approver: { errno: 1227, sqlState: '42000' },
  grant_denied: { errno: 1227, sqlState: '42000' },
};
