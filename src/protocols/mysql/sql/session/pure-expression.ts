import { FactsBuilder } from '../walker/facts-builder.js';
import type { Span } from '../walker/statement-parts.js';
import { HEX, PARAMETER } from '../text/tokens.js';
import { walkExpressions } from '../walker/expression.js';
import { NotUnderstood, Walk } from '../walker/walk.js';

/** Known functions that set something, tell of the statement before, or answer otherwise each time. */
const FUNCTIONS_NOT_PURE: ReadonlySet<string> = new Set(
  `
  last_insert_id found_rows row_count rand random_bytes uuid uuid_short uuid_v4 uuid_v7 sys_guid now sysdate
  current_timestamp localtime localtimestamp curtime current_time utc_time utc_timestamp unix_timestamp rownum
`
    .trim()
    .split(/\s+/),
);
const FLAGS_PURE: ReadonlySet<string> = new Set(['user-variable', 'system-variable']);
const TOKENS_MAX = 500;

/**
 * Whether some tokens of a statement are one expression that anyone may have worked out beforehand, in the session, to
 * the same value: constants, variables and functions that compute. It reads no table, locks nothing, sets nothing and
 * runs nobody's code.
 */
export function isPureExpression(walk: Walk, { from, to }: Span): boolean {
  const { tokens, dialect, walkers } = walk;
  if (to - from > TOKENS_MAX) return false;
  for (let index = from; index < to; index += 1) {
    // A hexadecimal literal is a number to one variable and a text to another; WITH may go round for long.
    if (tokens.kind(index) === PARAMETER || (to === from + 1 && tokens.kind(index) === HEX)) return false;
    if (tokens.word(index) === 'with') return false;
  }
  const facts = new FactsBuilder();
  const inner = new Walk({ tokens, start: from, end: to, dialect, database: null, facts, walkers });
  try {
    walkExpressions(inner, { oneOnly: true });
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return false;
  }
  const { tables, columns, functions, unknownFunctions, flags, notUnderstood } = facts.facts();
  if (!inner.isDone || notUnderstood !== null) return false;
  if (tables.length > 0 || columns.length > 0 || unknownFunctions.length > 0) return false;
  return flags.every((flag) => FLAGS_PURE.has(flag)) && !functions.some((name) => FUNCTIONS_NOT_PURE.has(name));
}
