import { shownLine } from '../../../domain/visible-text.js';
import type { ToldNote, ToldOperation } from '../../../recording/replay/teller.js';
import { analyse } from '../sql/analyse.js';
import type { SqlDialect } from '../sql/text/dialect.js';
import { oneLine } from '../sql/text/one-line.js';
import type { CommandEntry, StatementEntry } from './bodies.js';
import { commandNoise, statementNoise } from './driver-noise.js';
import { askedText, statementLines, statementWords, textOf } from './statement-text.js';

type Facts = ReturnType<typeof factsOf>;

const TABLES_MAX = 3;
/** Nobody asks for the fingerprint here, which takes one more look at all of a text. */
const NO_SHAPE = { fingerprint: undefined };
const HARMLESS: ReadonlySet<string> = new Set(['read', 'session']);

/** Settings of a session that change what a comment is. They are not in a recording, so a comment is one under all of them. */
const MODES = [
  { ansiQuotes: false, noBackslashEscapes: false },
  { ansiQuotes: true, noBackslashEscapes: false },
  { ansiQuotes: false, noBackslashEscapes: true },
  { ansiQuotes: true, noBackslashEscapes: true },
];

/** What a statement says, read by its text alone: the settings of its session are not in a recording. */
export function toldStatement(entry: StatementEntry, dialect: SqlDialect): ToldOperation {
  const text = textOf(entry);
  let read: Facts | undefined;
  const facts = (): Facts => (read ??= factsOf(entry, text, dialect));
  return {
    lines: (wording) => statementLines(entry, wording),
    title: () => verbAndTables(facts()),
    oneLine: () => lineUnderAllModes(text, dialect),
    asked: () => askedText(entry),
    words: () => statementWords(entry),
    effect() {
      const { action } = facts();
      if (action === 'read') return 'read';
      return entry.name === 'COM_STMT_PREPARE' || HARMLESS.has(action) ? 'none' : 'change';
    },
    driverNoise: () => statementNoise(entry.name, text),
  };
}

/** What the protocol calls otherwise. */
export function toldCommand({ name, body }: CommandEntry): ToldNote {
  const argument = shownLine(body?.argument ?? '');
  return {
    title: (wording) =>
      wording === 'plain' ? commandText(name, argument) : `${shownLine(name)} ${argument}`.trimEnd(),
    driverNoise: () => commandNoise(name),
  };
}

function factsOf({ body: { database } }: StatementEntry, text: string, dialect: SqlDialect) {
  return analyse(Buffer.from(text), dialect, database, NO_SHAPE).facts;
}

function verbAndTables(facts: Facts): string {
  const tables = facts.tables.map(({ database, table }) => (database === null ? table : `${database}.${table}`));
  const more = tables.length > TABLES_MAX ? `, ${tables.length - TABLES_MAX} more` : '';
  const verb = facts.action === 'unknown' ? 'NOT UNDERSTOOD' : facts.kind.toUpperCase();
  return shownLine(`${verb} ${tables.slice(0, TABLES_MAX).join(', ')}${more}`.trim());
}

/** Where the settings decide what is a comment, none is marked. */
function lineUnderAllModes(text: string, dialect: SqlDialect): string {
  const lines = new Set(MODES.map((mode) => oneLine(text, { ...dialect, sqlMode: { ...dialect.sqlMode, ...mode } })));
  const [only] = lines;
  return lines.size === 1 && only !== undefined
    ? only
    : text
        .slice(0, 400)
        .split(/\r\n|[\r\n]/)
        .map((line) => shownLine(line.replaceAll(/[⏎⟦⟧]/g, '?')))
        .join(' ⏎ ');
}

function commandText(command: string, argument: string): string {
  const words: Readonly<Record<string, string>> = {
    COM_INIT_DB: `enters the database ${argument}`,
    COM_STMT_FETCH: `fetches more rows of the statement prepared as ${argument}`,
    COM_FIELD_LIST: `lists the columns of ${argument}`,
    COM_PING: 'ping',
    COM_RESET_CONNECTION: 'resets the session',
    COM_STMT_CLOSE: `closes the statement prepared as ${argument}`,
    COM_STMT_RESET: `resets the statement prepared as ${argument}`,
    COM_STATISTICS: 'asks for statistics',
  };
  return words[command] ?? `${shownLine(command)} ${argument}`.trim();
}
