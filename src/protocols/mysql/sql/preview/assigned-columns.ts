import type { TableName } from '../../../sql/statement.js';
import { lex } from '../text/lexer.js';
import { PARAMETER, type Tokens } from '../text/tokens.js';
import { cutStatement, type Span } from '../walker/statement-parts.js';
import { listedTables } from '../walker/table-list.js';
import { assignedTables, splitAtCommas } from './changed-tables.js';
import { literalValue, type LiteralScene, type LiteralValue } from './literal-value.js';

/** A column that an UPDATE assigns. */
export interface AssignedColumn {
  readonly table: TableName;
  readonly column: string;
  /** Undefined: it is more than a value, or is assigned more than once. */
  readonly value: LiteralValue | undefined;
  /** What stands after `=`, as it was written. */
  readonly written: string;
}

export interface AssignedQuestion extends Pick<LiteralScene, 'dialect' | 'values'> {
  readonly text: Buffer;
  readonly database: string | null;
  /** Whether a table has a column; null when its columns are not known. */
  readonly hasColumn: (table: TableName, column: string) => boolean | null;
}

const WRITTEN_CHARACTERS_MAX = 200;

/** What an UPDATE assigns, in its order; undefined for other statements, and where it is not certain which columns. */
export function assignedColumns(question: AssignedQuestion): readonly AssignedColumn[] | undefined {
  const { text, dialect, database, hasColumn, values } = question;
  const { tokens, refused } = lex(text, dialect);
  const parts = refused === null ? cutStatement(tokens) : undefined;
  if (parts?.kind !== 'update') return undefined;
  const tables = listedTables(tokens, parts.tables, database);
  if (tables === undefined) return undefined;
  const owners = assignedTables(parts.assignments, { tokens, tables, hasColumn });
  const pieces = splitAtCommas(tokens, parts.assignments);
  const scene = { dialect, values, parameters: parametersIn(tokens) };
  const assigned: AssignedColumn[] = [];
  for (const [index, piece] of pieces.entries()) {
    // Of one table there is one owner of all.
    const owner = (tables.length === 1 ? tables[0] : owners[index])?.table;
    const equals = equalsIn(tokens, piece);
    if (owner === undefined || owner === null || equals === undefined || !tokens.isName(equals - 1)) return undefined;
    const value = { from: equals + 1, to: piece.to };
    assigned.push({
      table: owner,
      column: tokens.name(equals - 1),
      value: literalValue(tokens, value, scene),
      written: writtenOf(tokens, value),
    });
  }
  return assigned.map((one) => (isOnce(assigned, one) ? one : { ...one, value: undefined }));
}

function equalsIn(tokens: Tokens, { from, to }: Span): number | undefined {
  for (let index = from; index < to; index += 1) if (['=', ':='].includes(tokens.word(index))) return index;
  return undefined;
}

function parametersIn(tokens: Tokens): ReadonlyMap<number, number> {
  const parameters = new Map<number, number>();
  for (let index = 0; index < tokens.count; index += 1) {
    if (tokens.kind(index) === PARAMETER) parameters.set(index, parameters.size);
  }
  return parameters;
}

function writtenOf(tokens: Tokens, { from, to }: Span): string {
  let text = '';
  for (let index = from; index < to && text.length <= WRITTEN_CHARACTERS_MAX; index += 1) {
    text += `${text === '' ? '' : ' '}${tokens.source(index)}`;
  }
  return text.length > WRITTEN_CHARACTERS_MAX ? `${text.slice(0, WRITTEN_CHARACTERS_MAX)}…` : text;
}

function isOnce(assigned: readonly AssignedColumn[], { column, table }: AssignedColumn): boolean {
  const same = assigned.filter(
    (other) => other.column.toLowerCase() === column.toLowerCase() && other.table.table === table.table,
  );
  return same.length === 1;
}
