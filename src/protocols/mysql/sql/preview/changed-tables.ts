import type { TableName } from '../../../sql/statement.js';
import type { Span, StatementParts } from '../walker/statement-parts.js';
import type { ListedTable } from '../walker/table-list.js';
import type { Tokens } from '../text/tokens.js';

interface ChangeQuestion {
  readonly tokens: Tokens;
  /** All that the statement lists. */
  readonly tables: readonly ListedTable[];
  /** Whether a table has a column; null when its columns are not known. */
  readonly hasColumn: (table: TableName, column: string) => boolean | null;
}

/** The tables of an UPDATE or DELETE whose rows it changes; undefined when that is not certain. */
export function changedTables(
  parts: StatementParts & { readonly kind: 'update' | 'delete' },
  question: ChangeQuestion,
): readonly ListedTable[] | undefined {
  const { tokens, tables } = question;
  const found =
    parts.kind === 'update'
      ? assignedTables(parts.assignments, question)
      : parts.targets === null
        ? [tables.length === 1 ? tables[0] : undefined]
        : targetNames(tokens, parts.targets).map((name) => tableNamed(tables, name));
  const certain = found.filter((table) => table !== undefined && table.table !== null);
  return certain.length === found.length ? [...new Set(certain.filter((table) => table !== undefined))] : undefined;
}

/** The tables that SET assigns columns of. */
export function assignedTables(
  assignments: Span,
  { tokens, tables, hasColumn }: ChangeQuestion,
): readonly (ListedTable | undefined)[] {
  if (tables.length === 1) return tables;
  return assignmentTargets(tokens, assignments).map((target) => {
    const column = target.at(-1) ?? '';
    if (target.length > 1) return tableNamed(tables, target.at(-2));
    const owners = tables.filter(({ table }) => table === null || hasColumn(table, column) !== false);
    return owners.length === 1 ? owners[0] : undefined;
  });
}

/** Aliases differ in letter case on some servers and not on others; one that fits in two ways is not taken. */
function tableNamed(tables: readonly ListedTable[], alias: string | undefined): ListedTable | undefined {
  const fitting = tables.filter((table) => table.alias.toLowerCase() === alias?.toLowerCase());
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** `a, b.*, c.d`: the last part of each name. */
function targetNames(tokens: Tokens, { from, to }: Span): readonly string[] {
  return splitAtCommas(tokens, { from, to }).map((piece) => {
    const end = tokens.word(piece.to - 1) === '*' ? piece.to - 2 : piece.to;
    return tokens.isName(end - 1) ? tokens.name(end - 1) : '';
  });
}

/** The names on the left of SET's assignments, in their parts. */
function assignmentTargets(tokens: Tokens, span: Span): readonly (readonly string[])[] {
  return splitAtCommas(tokens, span).map(({ from, to }) => {
    const parts: string[] = [];
    for (let index = from; index < to && !['=', ':='].includes(tokens.word(index)); index += 1) {
      if (tokens.isName(index)) parts.push(tokens.name(index));
    }
    return parts;
  });
}

export function splitAtCommas(tokens: Tokens, { from, to }: Span): readonly Span[] {
  const pieces: Span[] = [];
  let start = from;
  let depth = 0;
  for (let index = from; index < to; index += 1) {
    const word = tokens.word(index);
    if (word === '(') depth += 1;
    else if (word === ')') depth -= 1;
    else if (word === ',' && depth === 0) {
      pieces.push({ from: start, to: index });
      start = index + 1;
    }
  }
  return [...pieces, { from: start, to }];
}
