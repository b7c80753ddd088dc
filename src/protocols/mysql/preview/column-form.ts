import type { AdminRow } from '../account/own-connection.js';

/** What a column makes of a value that is written into it, by information_schema. */
export interface ColumnForm {
  /** In lower case, without its length: `varchar`. */
  readonly type: string;
  /** As the server writes it: `enum('new','shipped')`, `int(10) unsigned zerofill`. */
  readonly fullType: string;
  readonly isNullable: boolean;
  /** Of texts: characters, or bytes for those of the kind of `text`. */
  readonly lengthMax: number | null;
  /** Of decimals: digits in all, and those after the point. */
  readonly precision: number | null;
  readonly scale: number | null;
  readonly characterSet: string | null;
}

/** The columns of information_schema.COLUMNS that say it, in the order in which {@link columnFormOf} reads them. */
export const FORM_COLUMNS =
  'COLUMN_TYPE, IS_NULLABLE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, CHARACTER_SET_NAME';

export function columnFormOf(type: string, row: AdminRow): ColumnForm {
  const [fullType, isNullable, lengthMax, precision, scale, characterSet] = row;
  return {
    type,
    fullType: fullType ?? '',
    isNullable: isNullable === 'YES',
    lengthMax: numberOrNull(lengthMax),
    precision: numberOrNull(precision),
    scale: numberOrNull(scale),
    characterSet: characterSet ?? null,
  };
}

function numberOrNull(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text);
}
