import { readFileSync } from 'node:fs';

/** An input that somebody hostile could send, and the check that refuses it. */
export interface HostileCase {
  readonly input: string;
  readonly check: string;
}

const DOCUMENT = new URL('../../../docs/sign-in-hostile-cases.md', import.meta.url);

/** The table of a section, as the document has it and a test prints it. */
export function caseTable(cases: readonly HostileCase[]): string {
  return table(
    ['input', 'check'],
    cases.map(({ input, check }) => [input, `\`${check}\``]),
  );
}

/** A table of Markdown, its columns aligned. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((_, column) => Math.max(...[heads, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(heads), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** The table under the heading, of docs/sign-in-hostile-cases.md. */
export function documentedTable(heading: string): string {
  const [, section = ''] = readFileSync(DOCUMENT, 'utf8').split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ', 1);
  return own
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .join('\n');
}
