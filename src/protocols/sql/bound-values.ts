/** A value bound to a prepared statement. Without `encoding`, a string is the value's text. */
export interface RecordedValue {
  readonly type: string;
  readonly unsigned?: true;
  readonly value: string | number | null;
  readonly encoding?: 'base64';
}

/**
 * Rows of values that a prepared statement was executed with at once. Of a value the type is that of its place in
 * `types`; without `base64` a string is the value's text; `indicator` stands in place of a value: the column's default,
 * or that the column is left as it is.
 */
export interface RecordedBulk {
  readonly types: readonly Pick<RecordedValue, 'type' | 'unsigned'>[];
  readonly rows: readonly (readonly RecordedBulkValue[])[];
}

export type RecordedBulkValue =
  | string
  | number
  | null
  | { readonly base64: string }
  | { readonly indicator: 'default' | 'ignore' };

/**
 * Text exactly as sent: `text` when it is valid UTF-8, else its bytes. `characterSet` is there when the session's texts
 * were not UTF-8, by the name that servers give it; then the bytes are what a text beyond ASCII is recorded as.
 */
export type StatementText = { readonly text: string } | { readonly textBase64: string; readonly characterSet?: string };

/** How many rows of values a statement runs with, and the first of them. */
export interface AskedBulk extends RecordedBulk {
  readonly rowCount: number;
}

/** A value of a row with its type, as those of other executions are; or what stands in its place. */
export type BulkCell = RecordedValue | { readonly indicator: 'default' | 'ignore' };

/** One row of a bulk execution, each value with the type of its place. */
export function cellsOf(
  { types }: Pick<RecordedBulk, 'types'>,
  row: readonly RecordedBulkValue[],
): readonly BulkCell[] {
  return types.map((type, index): BulkCell => {
    const value = row[index] ?? null;
    if (typeof value !== 'object' || value === null) return { ...type, value };
    return 'indicator' in value ? value : { ...type, value: value.base64, encoding: 'base64' };
  });
}

/** What is shown in place of a value: as SQL spells it. */
export const INDICATOR_WORDS = { default: 'DEFAULT', ignore: 'IGNORE' } as const;

/** Of a longer one the first rows are shown; all are in its entry. */
const SHOWN_ROWS_MAX = 20;

/** The first rows that a statement was executed with, one a line, and how many more there are. */
export function rowLines(
  bulk: RecordedBulk | undefined,
  shownValue: (value: RecordedValue) => string,
): readonly string[] {
  if (bulk === undefined) return [];
  const first = bulk.rows.slice(0, SHOWN_ROWS_MAX);
  const lines = first.map((row, index) => {
    const cells = cellsOf(bulk, row).map((cell) =>
      'indicator' in cell ? INDICATOR_WORDS[cell.indicator] : shownValue(quoted(cell)),
    );
    return `row ${index + 1}: ${cells.join(', ')}`;
  });
  const more = bulk.rows.length - first.length;
  return more === 0 ? lines : [...lines, `and ${more} more ${more === 1 ? 'row' : 'rows'} of values`];
}

/** Values stand side by side: a text must not look like several of them. */
function quoted(cell: RecordedValue): RecordedValue {
  return typeof cell.value === 'string' ? { ...cell, value: quotedText(cell.value) } : cell;
}

/** A text as SQL quotes it, whatever is in it. */
export function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** True for what docs/recording-format.md has under `bulk`, and nothing else. */
export function isRecordedBulk(json: unknown): json is RecordedBulk {
  if (!isFields(json) || !hasKeys(json, 2)) return false;
  const { types, rows } = json;
  if (!Array.isArray(types) || types.length === 0 || !types.every(isType)) return false;
  return Array.isArray(rows) && rows.length > 0 && rows.every((row) => isRow(row, types.length));
}

function isType(json: unknown): boolean {
  if (!isFields(json) || typeof json['type'] !== 'string') return false;
  return json['unsigned'] === undefined ? hasKeys(json, 1) : json['unsigned'] === true && hasKeys(json, 2);
}

function isRow(json: unknown, values: number): boolean {
  return Array.isArray(json) && json.length === values && json.every(isValue);
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function isValue(json: unknown): boolean {
  if (json === null || typeof json === 'string' || (typeof json === 'number' && isFinite(json))) return true;
  if (!isFields(json) || !hasKeys(json, 1)) return false;
  const { base64, indicator } = json;
  return (
    (typeof base64 === 'string' && base64.length % 4 === 0 && BASE64.test(base64)) ||
    indicator === 'default' ||
    indicator === 'ignore'
  );
}

function isFields(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function hasKeys(fields: object, count: number): boolean {
  return Object.keys(fields).length === count;
}
