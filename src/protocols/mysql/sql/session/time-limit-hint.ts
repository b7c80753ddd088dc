const TIME_LIMIT = /^\/\*\+\s*max_execution_time\s*\(\s*(\d{1,15})\s*\)\s*\*\/$/i;
const HINT_BYTES_MAX = 100;

/**
 * The milliseconds of `MAX_EXECUTION_TIME(…)`, when that is all an optimizer hint says; `start` and `end` are the offsets
 * of the whole comment. 0: that of the session goes on.
 * https://dev.mysql.com/doc/refman/9.7/en/optimizer-hints.html#optimizer-hints-execution-time
 */
export function readTimeLimitHint(text: Buffer, start: number, end: number): number | undefined {
  if (end - start > HINT_BYTES_MAX) return undefined;
  const [, milliseconds] = TIME_LIMIT.exec(text.toString('latin1', start, end)) ?? [];
  return milliseconds === undefined ? undefined : Number(milliseconds);
}
