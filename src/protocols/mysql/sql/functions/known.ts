import type { SqlDialect } from '../text/dialect.js';
import { COMMON_FUNCTIONS } from './common.js';
import { MARIADB_FUNCTIONS, MARIADB_FUNCTIONS_SINCE } from './mariadb.js';
import { MYSQL_FUNCTIONS, MYSQL_FUNCTIONS_SINCE, MYSQL_FUNCTIONS_UNTIL } from './mysql.js';

const PLAIN_NAME = /^[A-Za-z0-9_]+$/;

/** Whether an unquoted name with a parenthesis directly after it is a built-in function that does no harm. */
export function isHarmlessFunction(name: string, dialect: SqlDialect): boolean {
  // A letter beyond ASCII may be folded to one of ASCII here and not there.
  if (!PLAIN_NAME.test(name)) return false;
  const lower = name.toLowerCase();
  if (COMMON_FUNCTIONS.has(lower)) return true;
  if (dialect.flavour === 'mariadb') {
    return MARIADB_FUNCTIONS.has(lower) || (MARIADB_FUNCTIONS_SINCE.get(lower) ?? Infinity) <= dialect.version;
  }
  return (
    MYSQL_FUNCTIONS.has(lower) ||
    (MYSQL_FUNCTIONS_SINCE.get(lower) ?? Infinity) <= dialect.version ||
    (MYSQL_FUNCTIONS_UNTIL.get(lower) ?? 0) > dialect.version
  );
}

/**
 * Names that the servers look up as built-in only when the parenthesis follows at once (unless IGNORE_SPACE): with white
 * space between, `count (x)` is a stored function. Asked of MariaDB 10.11 and MySQL 9.7; either one's are here for both.
 * https://dev.mysql.com/doc/refman/9.7/en/function-resolution.html
 */
const SPACE_SENSITIVE: ReadonlySet<string> = new Set(
  `
  adddate bit_and bit_or bit_xor cast count cume_dist curdate curtime date_add date_sub dense_rank extract first_value
  group_concat json_arrayagg json_duality_object json_objectagg lag last_value lead max median mid min now nth_value ntile
  percent_rank percentile_cont percentile_disc position rank row_number session_user st_collect std stddev stddev_pop
  stddev_samp subdate substr substring sum sysdate system_user trim trim_oracle var_pop var_samp variance
`
    .trim()
    .split(/\s+/),
);

export function isSpaceSensitive(name: string): boolean {
  return SPACE_SENSITIVE.has(name);
}
