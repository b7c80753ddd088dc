import {
  type BulkCell,
  cellsOf,
  rowLines,
  type RecordedBulkValue,
  type RecordedValue,
} from '../../sql/bound-values.js';
import type { AskedText, AskedValue, Wording } from '../../../recording/replay/teller.js';
import { shownLine, shownLines } from '../../../domain/visible-text.js';
import { shownBytes } from '../charset/character-sets.js';
import type { StatementEntry } from './bodies.js';

/** The text of a statement; bytes that are no text are written out. */
export function textOf({ body }: Pick<StatementEntry, 'body'>): string {
  if ('text' in body) return body.text;
  return shownBytes(Buffer.from(body.textBase64, 'base64'), body.characterSet ?? 'utf8mb4');
}

/** The text and what is bound to it. */
export function statementLines(entry: StatementEntry, wording: Wording): readonly string[] {
  const { values = [], bulk } = entry.body;
  const name = wording === 'plain' ? 'value' : '?';
  const shown = wording === 'plain' ? (value: RecordedValue) => plainType(valueOf(value)) : valueOf;
  return [
    ...shownLines(textOf(entry)).split('\n'),
    ...values.map((value, index) => `${name} ${index + 1} = ${shown(value)}`),
    ...rowLines(bulk, shown),
  ];
}

/** The text, and what is bound to it: of many rows of values the first. */
export function askedText(entry: StatementEntry): AskedText {
  const { database, values = [], bulk } = entry.body;
  const [firstRow] = bulk?.rows ?? [];
  const bound = bulk === undefined || firstRow === undefined ? values : cellsOf(bulk, firstRow);
  return {
    text: textOf(entry),
    place: database,
    values: bound.map(askedValue),
    rowsOfValues: bulk?.rows.length,
  };
}

function askedValue(cell: BulkCell): AskedValue {
  if ('indicator' in cell) return { type: '', form: cell.indicator, value: null };
  const { type, unsigned, value, encoding } = cell;
  const typed = { type: unsigned === true ? `${type} unsigned` : type };
  if (value === null) return { ...typed, form: 'null', value };
  return { ...typed, form: encoding ?? (typeof value === 'number' ? 'number' : 'text'), value: String(value) };
}

/** A bound value with its type. */
export function valueOf(value: RecordedValue): string {
  const shown = value.value === null ? 'NULL' : shownLine(String(value.value));
  const encoding = value.encoding === undefined ? '' : ', base64';
  return `${shown} (${shownLine(value.type)}${value.unsigned === true ? ' unsigned' : ''}${encoding})`;
}

/** The text and the values that are bound to it, as they were sent. */
export function statementWords(entry: StatementEntry): readonly string[] {
  return [textOf(entry), ...boundWords(entry)];
}

/** The values that are bound to a statement, as they were sent, one a line; null: there are none. */
export function boundText(entry: StatementEntry): string | null {
  const words = boundWords(entry);
  return words.length === 0 ? null : words.join('\n');
}

function boundWords({ body: { values = [], bulk } }: StatementEntry): readonly string[] {
  return [...values.map(({ value }) => String(value)), ...(bulk?.rows ?? []).flatMap((row) => row.map(wordOf))];
}

function wordOf(value: RecordedBulkValue): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return 'base64' in value ? value.base64 : value.indicator;
}

/** `3 (double)` for `3 (MYSQL_TYPE_DOUBLE)`; the type stands last. */
function plainType(value: string): string {
  return value.replace(/\(MYSQL_TYPE_([A-Z0-9_]+)([^()]*)\)$/, (_, type: string, more: string) => {
    return `(${type.toLowerCase().replaceAll('_', ' ')}${more})`;
  });
}
