/**
 * Quoting for the few statements that the broker itself sends to a target. They run on connections whose sql_mode
 * the broker has emptied and whose character set is utf8mb4, so one rule holds.
 */

/** `` `name` ``, for a database, table or column. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** `'text'`. Backslashes are escapes under an empty sql_mode. */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** `'user'@'host'`. */
export function quoteAccount(user: string, host: string): string {
  return `${quoteText(user)}@${quoteText(host)}`;
}

/**
 * A database name where GRANT takes a pattern: `_` and `%` stand for themselves only after a backslash.
 * https://dev.mysql.com/doc/refman/9.7/en/grant.html#grant-quoting
 */
export function quoteDatabasePattern(name: string): string {
  return quoteIdentifier(name.replaceAll('\\', '\\\\').replaceAll('_', '\\_').replaceAll('%', '\\%'));
}
