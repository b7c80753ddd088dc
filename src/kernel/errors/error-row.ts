/**
 * The one table of what can be refused or fail: a stable code, how HTTP says it, one sentence of what happened and one of
 * what to do. How a protocol's wire says it, the protocol's own table has. docs/errors.md lists every row (tested).
 */
export interface ErrorRow {
  readonly httpStatus: number;
  readonly title: string;
  readonly next: string;
}

/** A row of the table: HTTP status, what happened, what to do. */
export const row = (httpStatus: number, title: string, next: string): ErrorRow => ({ httpStatus, title, next });
