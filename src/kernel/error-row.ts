/**
 * The one table of what can be refused or fail: a stable code, how HTTP says it (status), how the MySQL wire says it
 * (errno, SQLSTATE), one sentence of what happened and one of what to do. docs/errors.md lists every row (tested).
 *
 * MySQL numbers: https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html
 */
export interface ErrorRow {
  readonly httpStatus: number;
  readonly errno: number;
  readonly sqlState: string;
  readonly title: string;
  readonly next: string;
}

/** A row of the table: HTTP status, MySQL error number, SQLSTATE, what happened, what to do. */
export const row = (httpStatus: number, errno: number, sqlState: string, title: string, next: string): ErrorRow => ({
  httpStatus,
  errno,
  sqlState,
  title,
  next,
});
