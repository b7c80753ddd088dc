import { shownLine } from '../../../domain/visible-text.js';
import { textTable } from '../../../recording/replay/text-table.js';
import type { ToldResult } from '../../../recording/replay/teller.js';
import type { CommandResult, ResultPart } from './bodies.js';

/** What is told of a decoded answer; the wire decoder's own result fits. */
export interface DecodedAnswer {
  readonly results: readonly AnswerPart[];
  /** False when the bytes end before the response does. */
  readonly complete: boolean;
}

export type AnswerPart =
  | { readonly kind: 'ok'; readonly affectedRows: number | bigint; readonly info: string }
  | {
      readonly kind: 'rows';
      readonly columns: readonly { readonly name: string }[];
      readonly rows: readonly (readonly (string | null)[])[];
      /** All rows of the result, decoded or not. */
      readonly rowCount: number;
    };

/** What a result says. `response` is undefined when nothing was kept, and `undecodable` when that is no response. */
export function toldResult(entry: CommandResult, response: DecodedAnswer | 'undecodable' | undefined): ToldResult {
  const decoded = response === 'undecodable' ? undefined : response;
  const { results, error } = entry.body;
  return {
    cameTo: cameTo(entry),
    rows: readRows(entry),
    changed: changedRows(entry),
    error:
      error === undefined ? undefined : { code: String(error.errno), state: error.sqlState, message: error.message },
    // Of rows of values those before the one that failed may have been run.
    mayBeDoneInPart: entry.name === 'COM_STMT_BULK_EXECUTE',
    decoded,
    lines: () => [
      ...(decoded === undefined ? results.map(partOf) : decoded.results.flatMap(decodedLines)),
      ...(error === undefined
        ? []
        : [`ERROR ${error.errno} (${shownLine(error.sqlState)}): ${shownLine(error.message)}`]),
      ...(response === 'undecodable' ? ['(the bytes that were kept are no response that can be shown)'] : []),
    ],
    words: () => (error === undefined ? [] : [error.message]),
  };
}

function cameTo({ name, outcome, body: { results } }: CommandResult): string {
  if (outcome === 'error') {
    return name === 'COM_STMT_BULK_EXECUTE' ? 'failed; rows of values before may have been run' : 'failed';
  }
  if (name === 'COM_STMT_PREPARE') return 'prepared';
  const [part] = results;
  if (part?.kind === 'rows') return `${counted(part.rows, 'row')} read`;
  const rows = changedOf(results);
  return rows === 0 ? 'done' : `${counted(rows, 'row')} changed`;
}

function readRows({ outcome, body: { results } }: CommandResult): number {
  if (outcome !== 'ok') return 0;
  return results.reduce((rows, part) => rows + (part.kind === 'rows' ? part.rows : 0), 0);
}

/** Rows that the statement changed, by what the target said. */
function changedRows({ outcome, name, body }: CommandResult): number {
  return outcome === 'ok' && name !== 'COM_STMT_PREPARE' ? changedOf(body.results) : 0;
}

function changedOf(results: readonly ResultPart[]): number {
  return results.reduce((rows, part) => rows + (part.kind === 'ok' ? Number(part.affectedRows) : 0), 0);
}

function partOf(part: ResultPart): string {
  return part.kind === 'ok'
    ? `${counted(part.affectedRows, 'row')} affected`
    : `${counted(part.rows, 'row')}, ${counted(part.columns, 'column')}`;
}

function counted(count: number | bigint | string, name: string): string {
  return `${count} ${name}${String(count) === '1' ? '' : 's'}`;
}

function decodedLines(result: AnswerPart): readonly string[] {
  if (result.kind === 'ok') {
    const said = result.info === '' ? '' : ` (${shownLine(result.info)})`;
    return [`${counted(result.affectedRows, 'row')} affected${said}`];
  }
  const { columns, rows, rowCount } = result;
  const table =
    columns.length === 0
      ? []
      : textTable(
          columns.map(({ name }) => name),
          rows,
        );
  const more = rowCount > rows.length ? `, ${rows.length} shown` : '';
  return [...table, `${counted(rowCount, 'row')}${more}`];
}
