import type { SqlDialect } from '../../../protocols/mysql/sql/text/dialect.js';
import { shownLine } from '../../../domain/visible-text.js';
import { stepText } from '../../../protocols/mysql/recorded/step-text.js';
import type { Step } from '../../../protocols/mysql/recorded/story.js';
import { textOf } from '../../../protocols/mysql/recorded/transcript.js';
import { analyse } from '../../../protocols/mysql/sql/analyse.js';
import { oneLine } from '../../../protocols/mysql/sql/text/one-line.js';

const TABLES_MAX = 3;

/** Settings of a session that change what a comment is. They are not in a recording, so a comment is one under all of them. */
const MODES = [
  { ansiQuotes: false, noBackslashEscapes: false },
  { ansiQuotes: true, noBackslashEscapes: false },
  { ansiQuotes: false, noBackslashEscapes: true },
  { ansiQuotes: true, noBackslashEscapes: true },
];

/** A step in one line: what it was and came to, verb and tables, and then its text. */
export function replayLine(step: Step, dialect: SqlDialect): string {
  const { head } = stepText(step);
  if (step.kind !== 'statement') return head;
  const text = textOf(step.statement);
  const { facts } = analyse(Buffer.from(text), dialect, step.statement.body.database);
  const tables = facts.tables.map(({ database, table }) => (database === null ? table : `${database}.${table}`));
  const more = tables.length > TABLES_MAX ? `, ${tables.length - TABLES_MAX} more` : '';
  const verb = facts.action === 'unknown' ? 'NOT UNDERSTOOD' : facts.kind.toUpperCase();
  const does = `${verb} ${tables.slice(0, TABLES_MAX).join(', ')}${more}`.trim();
  return `${head}  ${shownLine(does)}  ${lineUnderAllModes(text, dialect)}`;
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
