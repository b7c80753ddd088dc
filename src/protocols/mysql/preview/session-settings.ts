import { ROW_ACTIONS, type StatementFacts } from '../../sql/statement.js';
import type { SqlMode } from '../sql/text/dialect.js';
import type { Flavour } from '../flavour.js';
import { COM_QUERY } from '../wire/commands.js';
import { decodeResponse } from '../wire/response/result-decoder.js';
import { quoteIdentifier, quoteText } from '../account/sql-quote.js';

const BOTH = [
  'time_zone',
  'collation_connection',
  'div_precision_increment',
  'group_concat_max_len',
  'default_week_format',
  'lc_time_names',
  'max_sort_length',
  'foreign_key_checks',
  'unique_checks',
] as const;

/**
 * Settings of a session that change which rows a condition matches, or what happens to them, whatever the text. An agent
 * may change them, so a preview takes them over from the session that waits, and an approval is for them as they are.
 */
const SETTINGS: Readonly<Record<Flavour, readonly string[]>> = {
  // sql_mode is the last one: it changes how the statements that set the others are read.
  mariadb: [...BOTH, 'check_constraint_checks', 'old_mode', 'max_recursive_iterations', 'sql_mode'],
  mysql: [...BOTH, 'windowing_use_high_precision', 'sql_mode'],
};

/** What no other session can have too: a clock that was set, and a condition that means the row inserted last. */
const OWN_ALONE = '@@session.sql_auto_is_null OR ABS(TIMESTAMPDIFF(SECOND, NOW(), SYSDATE())) > 1';

/** The values of the settings of one flavour in their order, as the target shows them. */
export type SessionSettings = readonly string[];

/** A text that is not understood may change rows. */
const DEPENDS: ReadonlySet<StatementFacts['action']> = new Set([...ROW_ACTIONS, 'unknown']);
/** What any statement between two others changes; a text that asks for it is not previewed. */
const OF_LAST_STATEMENT: ReadonlySet<string> = new Set(['row_count', 'found_rows']);

/** Whether the session must be asked before this statement is put to people, and can be without changing what it means. */
export function settingsWanted({ action, functions }: StatementFacts): boolean {
  return DEPENDS.has(action) && !functions.some((name) => OF_LAST_STATEMENT.has(name));
}

/** To be sent in the session that waits, by the gateway itself; {@link sessionSettingsOf} reads the answer. */
export function sessionSettingsQuery(flavour: Flavour): string {
  const settings = SETTINGS[flavour].map((name) => `@@session.${name}`);
  return `SELECT ${[...settings, OWN_ALONE].join(', ')}`;
}

/** What the session has set; undefined where another session cannot have the same, and for what is no such answer. */
export function sessionSettingsOf(
  response: Buffer,
  { capabilities, flavour }: { readonly capabilities: number; readonly flavour: Flavour },
): SessionSettings | undefined {
  const [result] = decodeResponse(response, { capabilities, command: COM_QUERY }).results;
  const [row] = result?.kind === 'rows' ? result.rows : [];
  return settingsOfRow(row, flavour);
}

/** The same of the answer's one row. */
export function settingsOfRow(
  row: readonly (string | null)[] | undefined,
  flavour: Flavour,
): SessionSettings | undefined {
  if (row?.at(-1) !== '0') return undefined;
  const values = row.slice(0, -1).filter((value) => value !== null);
  return values.length === SETTINGS[flavour].length ? values : undefined;
}

/** The statements that give another session the same settings. */
export function settingStatements(settings: SessionSettings, flavour: Flavour): readonly string[] {
  return SETTINGS[flavour].map((name, index) => {
    const value = settings[index] ?? '';
    const written = /^\d+$/.test(value) ? value : quoteText(value);
    return `SET SESSION ${quoteIdentifier(name)} = ${written}`;
  });
}

/** The parts of sql_mode that change how texts are read, as the servers name them. */
export function modeText(mode: SqlMode): string {
  const names = [
    mode.ansiQuotes && 'ANSI_QUOTES',
    mode.noBackslashEscapes && 'NO_BACKSLASH_ESCAPES',
    mode.pipesAsConcat && 'PIPES_AS_CONCAT',
    mode.ignoreSpace && 'IGNORE_SPACE',
    mode.highNotPrecedence && 'HIGH_NOT_PRECEDENCE',
  ];
  return names.filter((name) => name !== false).join(',');
}
