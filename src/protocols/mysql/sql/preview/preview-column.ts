/** A column, as far as showing it to people needs to be known. */
export interface PreviewColumn {
  readonly name: string;
  /** Part of what tells the table's rows apart: its primary key, or a unique one without NULL. */
  readonly isKey: boolean;
  readonly form: 'text' | 'bytes' | 'bits' | 'opaque';
}

/** A value is cut here, and one character more is asked for to know that it was. */
export const SAMPLE_CHARACTERS_MAX = 200;
const SAMPLE_BYTES_MAX = 100;

/** An expression of SQL that gives a column's value as people can read it, cut at the server. */
export function shownValue(alias: string, { name, form }: PreviewColumn): string {
  const column = `${quotedName(alias)}.${quotedName(name)}`;
  switch (form) {
    case 'text':
      return `LEFT(CAST(${column} AS CHAR), ${SAMPLE_CHARACTERS_MAX + 1})`;
    case 'bits':
      return `CAST(${column} + 0 AS CHAR)`;
    case 'bytes':
      return `CONCAT('0x', HEX(LEFT(${column}, ${SAMPLE_BYTES_MAX + 1})))`;
    default:
      return `IF(${column} IS NULL, NULL, '(not shown)')`;
  }
}

/** `` `name` ``. The broker's queries name columns in no other way. */
export function quotedName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
