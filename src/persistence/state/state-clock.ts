/** The time on the state database's own clock, in milliseconds since the epoch, whatever the session's time zone. */
export const NOW_MS_SQL = `(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3)) DIV 1000)`;
