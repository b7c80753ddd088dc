import { quoteIdentifier, quoteText } from '../sql-quote.js';

/**
 * Settings of a session that change which rows a condition matches, whatever its text. An agent may change them, so a
 * preview takes them over from the session that waits.
 */
const SETTINGS = [
  'time_zone',
  'collation_connection',
  'div_precision_increment',
  'group_concat_max_len',
  'default_week_format',
  'lc_time_names',
  // The last one: it changes how the statements that set the others are read.
  'sql_mode',
] as const;

/** The values of {@link SETTINGS} in their order, as the target shows them. */
export type SessionSettings = readonly string[];

/** To be sent in the session that waits, by the gateway itself; its one row is what {@link readSettings} takes. */
export const SESSION_SETTINGS_QUERY = `SELECT ${SETTINGS.map((name) => `@@session.${name}`).join(', ')}`;

/** Undefined for what is no answer to {@link SESSION_SETTINGS_QUERY}. */
export function readSettings(row: readonly (string | null)[] | undefined): SessionSettings | undefined {
  const values = row?.filter((value) => value !== null) ?? [];
  return values.length === SETTINGS.length ? values : undefined;
}

/** The statements that give another session the same settings. */
export function settingStatements(settings: SessionSettings): readonly string[] {
  return SETTINGS.map((name, index) => {
    const value = settings[index] ?? '';
    const written = /^\d+$/.test(value) ? value : quoteText(value);
    return `SET SESSION ${quoteIdentifier(name)} = ${written}`;
  });
}
