import type { SqlDialect } from '../sql/text/dialect.js';
import type { RecordedValue } from '../../sql/bound-values.js';
import { inconstancyAt, type Inconstancy } from '../sql/preview/inconstant.js';
import { lex } from '../sql/text/lexer.js';
import type { FactColumn } from './table-facts.js';

/** What a condition reads, beyond its text. */
export interface ReadColumns {
  /** Of all tables that it reads. */
  readonly columns: readonly FactColumn[];
  /** Names of columns in it, in lower case; undefined where a view may read any of them. */
  readonly named: ReadonlySet<string> | undefined;
  readonly values: readonly RecordedValue[];
  readonly dialect: SqlDialect;
}

const VALUE_TYPES: Readonly<Record<string, string>> = {
  MYSQL_TYPE_TIME: 'time',
  MYSQL_TYPE_DATE: 'date',
  MYSQL_TYPE_DATETIME: 'datetime',
  MYSQL_TYPE_TIMESTAMP: 'timestamp',
};
const DATES: readonly string[] = ['date', 'datetime', 'timestamp'];

/**
 * What is not the same each time though no function says so: a column that is computed when it is read (MariaDB), and a
 * time of day beside a date, which servers put on today's date to compare them.
 */
export function inconstancyOf({ columns, named, values, dialect }: ReadColumns): Inconstancy | undefined {
  const read = columns.filter(({ name }) => named?.has(name.toLowerCase()) !== false);
  for (const { expression } of read) {
    const found = expression === null ? undefined : inconstancyIn(expression, dialect);
    if (found !== undefined) return found;
  }
  const types = new Set([...read.map(({ type }) => type), ...values.map(({ type }) => VALUE_TYPES[type] ?? '')]);
  const isMixed = types.has('time') && DATES.some((type) => types.has(type));
  return isMixed ? { by: 'clock', name: 'a time of day beside a date' } : undefined;
}

/** Servers write expressions out by themselves: `curdate()`, in their default modes. */
function inconstancyIn(expression: string, dialect: SqlDialect): Inconstancy | undefined {
  const { tokens } = lex(Buffer.from(expression), dialect);
  for (let index = 0; index < tokens.count; index += 1) {
    const found = inconstancyAt(tokens, index);
    if (found !== undefined) return found;
  }
  return undefined;
}
