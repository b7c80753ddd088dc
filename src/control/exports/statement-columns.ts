import type { SchemaElement } from 'hyparquet';
import type { ColumnSource } from 'hyparquet-writer';
import type { ExportedStatement } from '../../persistence/statements/statement-days.repository.js';

/** Counts the changes of the columns; files of another version are written again. */
export const COLUMNS_VERSION = 1;

type Value = string | number | bigint | boolean | null | readonly string[];
type ColumnType = 'text' | 'time' | 'int' | 'bigint' | 'flag' | 'texts';

interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly isNullable: boolean;
  readonly valueOf: (statement: ExportedStatement) => Value;
}

const TEXT = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
const MICROSECONDS = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } as const;

/** What an export has of a statement, in this order. docs/search.md has the columns in words. */
const COLUMNS: readonly Column[] = [
  always('ts', 'time', ({ atUs }) => BigInt(atUs)),
  always('grant_id', 'text', ({ grant }) => grant),
  always('seq', 'int', ({ seq }) => seq),
  always('operation', 'int', ({ operation }) => operation),
  always('principal', 'text', ({ principal }) => principal),
  maybe('sponsor', 'text', ({ sponsor }) => sponsor?.name ?? null),
  maybe('sponsor_is_claim', 'flag', ({ sponsor }) => sponsor?.isClaim ?? null),
  always('target', 'text', ({ target }) => target),
  always('protocol', 'text', ({ protocol }) => protocol),
  maybe('database_name', 'text', ({ database }) => database),
  always('kind', 'text', ({ kind }) => kind),
  always('tables', 'texts', ({ tables }) => tables),
  always('verdict', 'text', ({ verdict }) => verdict),
  always('policies', 'texts', ({ policies }) => policies),
  maybe('decision', 'text', ({ decision }) => decision),
  always('decided_by', 'texts', ({ decidedBy }) => decidedBy),
  maybe('error_code', 'text', ({ error }) => error?.code ?? null),
  maybe('error_state', 'text', ({ error }) => error?.state ?? null),
  maybe('in_transaction', 'flag', ({ inTransaction }) => inTransaction),
  maybe('read_rows', 'bigint', ({ rows }) => bigOf(rows)),
  maybe('changed_rows', 'bigint', ({ changed }) => bigOf(changed)),
  maybe('duration_us', 'bigint', ({ durationUs }) => bigOf(durationUs)),
  always('statement', 'text', ({ text }) => text),
  always('is_text_cut', 'flag', ({ isCut }) => isCut),
  maybe('bound_values', 'text', ({ bound }) => bound),
  always('task_title', 'text', ({ task }) => task.title),
  maybe('task_reference', 'text', ({ task }) => task.reference),
  always('is_live', 'flag', ({ isLive }) => isLive),
];

/** https://github.com/apache/parquet-format/blob/master/LogicalTypes.md */
export const STATEMENT_SCHEMA: SchemaElement[] = [
  { name: 'statement', num_children: COLUMNS.length },
  ...COLUMNS.flatMap(schemaOf),
];

/** The columns of these statements, each with as many values. */
export function columnsOf(statements: readonly ExportedStatement[]): ColumnSource[] {
  return COLUMNS.map(({ name, valueOf }) => ({ name, data: statements.map(valueOf) }));
}

function always(name: string, type: ColumnType, valueOf: Column['valueOf']): Column {
  return { name, type, isNullable: false, valueOf };
}

function maybe(name: string, type: ColumnType, valueOf: Column['valueOf']): Column {
  return { name, type, isNullable: true, valueOf };
}

function bigOf(number: number | null): bigint | null {
  return number === null ? null : BigInt(number);
}

function schemaOf({ name, type, isNullable }: Column): readonly SchemaElement[] {
  const repetition = { name, repetition_type: isNullable ? ('OPTIONAL' as const) : ('REQUIRED' as const) };
  switch (type) {
    case 'text':
      return [{ ...repetition, ...TEXT }];
    case 'time':
      return [{ ...repetition, type: 'INT64', converted_type: 'TIMESTAMP_MICROS', logical_type: MICROSECONDS }];
    case 'int':
      return [{ ...repetition, type: 'INT32' }];
    case 'bigint':
      return [{ ...repetition, type: 'INT64' }];
    case 'flag':
      return [{ ...repetition, type: 'BOOLEAN' }];
    default:
      return [
        { ...repetition, converted_type: 'LIST', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', repetition_type: 'REQUIRED', ...TEXT },
      ];
  }
}
