import type { DoneResult, ResultColumn, ResultRow } from '../../../protocol/statement-session.js';

/** Where texts go; resolves once there is room for more. */
export type TextSink = (text: string) => Promise<void>;

/** Writes the results of statements in one form. */
export interface ResultWriter {
  /** A result with rows begins. */
  begin(columns: readonly ResultColumn[]): Promise<void>;
  rows(rows: readonly ResultRow[]): Promise<void>;
  /** It ends; with a message, before its last row. */
  end(failed?: string): Promise<void>;
  /** A result without rows. */
  done(result: DoneResult): Promise<void>;
}

export const RESULT_FORMATS = ['table', 'json', 'csv'] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

/** The text of a value that is text; bytes as `0x…`. */
export function textOf(value: Buffer, { kind }: ResultColumn): string {
  return kind === 'bytes' ? `0x${value.toString('hex').toUpperCase()}` : value.toString('utf8');
}

export function countOf(count: number | string, thing: string): string {
  return `${count} ${String(count) === '1' ? thing : `${thing}s`}`;
}
