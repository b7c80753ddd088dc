import { BrokerError } from '../../../kernel/errors.js';
import { isTargetError } from '../account/own-connection.js';

// https://mariadb.com/kb/en/mariadb-error-code-reference/, https://dev.mysql.com/doc/mysql-errors/9.7/en/
const STATEMENT_TIMEOUTS = [1969, 3024];
const LOCK_TIMEOUT = 1205;
const NAMED_TWICE = 1060;
const NOT_ALLOWED = [1044, 1142, 1143, 1227, 1356, 1410];

/** Why a part of a preview failed, in plain words, without anything of the statement or of rows. */
export function reasonOf(error: unknown, statementMsMax: number): string {
  if (STATEMENT_TIMEOUTS.some((errno) => isTargetError(error, errno))) {
    return `Counting took longer than ${statementMsMax / 1000} s.`;
  }
  if (isTargetError(error, LOCK_TIMEOUT)) return 'Someone has locked its tables, or is changing them.';
  if (isTargetError(error, NAMED_TWICE))
    return 'Its query gives two columns the same name, so the preview cannot count its rows.';
  if (NOT_ALLOWED.some((errno) => isTargetError(error, errno))) {
    return "The broker's account does not have the privilege to look at these rows.";
  }
  if (!(error instanceof BrokerError)) return 'Something unexpected happened in the broker.';
  return error.detail ?? error.row.title;
}
