import { type ResultSetHeader, Types } from 'mysql2';
import { refusalIn, type DriverRefusal } from '../../../kernel/refusal-text.js';

/** What a statement did that has no rows to give, in decimal digits. */
export function doneOf({ affectedRows = 0, insertId = 0, warningStatus = 0 }: Partial<ResultSetHeader>) {
  const id = String(insertId);
  return {
    kind: 'done' as const,
    affectedRows: String(affectedRows),
    insertId: id === '0' ? null : id,
    warnings: warningStatus,
  };
}

/** The type of a column as the protocol names it, such as `longlong`. */
export function typeNameOf(columnType: number | undefined): string {
  const name: unknown = columnType === undefined ? undefined : Reflect.get(Types, columnType);
  return typeof name === 'string' ? name.toLowerCase() : 'unknown';
}

/** What an error of the driver says. */
export interface DriverError {
  readonly errno: number | undefined;
  /** Null when it is the driver's own, and no server said it. */
  readonly state: string | null;
  readonly code: string | null;
  readonly message: string;
  /** Of the broker, which said it; undefined: the target or the driver did. */
  readonly refusal: DriverRefusal | undefined;
}

export function driverErrorOf(error: unknown): DriverError {
  const field = (name: string): unknown =>
    typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
  const [errno, state, code, text] = [field('errno'), field('sqlState'), field('code'), field('sqlMessage')];
  const message = typeof text === 'string' ? text : error instanceof Error ? error.message : 'unknown';
  return {
    errno: typeof errno === 'number' ? errno : undefined,
    state: typeof state === 'string' && state !== '' ? state : null,
    code: typeof code === 'string' ? code : null,
    message,
    refusal: refusalIn(message),
  };
}
