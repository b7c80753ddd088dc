/** What a target said was wrong. */
export interface ToldError {
  /** The target's number or name of it. */
  readonly code: string;
  readonly state: string | null;
  readonly message: string;
}

/** A value of a row: null, a text, or bytes. */
export type AnswerCell = null | string | Buffer;

export interface AnswerColumn {
  readonly name: string;
  /** As the target names it. */
  readonly type: string;
  /** The table or alias that it is said to be of. */
  readonly table: string | null;
  readonly numeric: boolean;
}

export type AnswerResult =
  | {
      readonly kind: 'rows';
      readonly columns: readonly AnswerColumn[];
      /** Rows that were kept. */
      readonly rows: number;
      /** False where the recording has only the beginning, or an error ended it. */
      readonly complete: boolean;
    }
  | {
      readonly kind: 'done';
      /** A decimal number. */
      readonly changed: string;
      readonly insertId: string | null;
      readonly info: string;
    };

/** Which rows of an answer are wanted: of its `result`th, from 0, so many from one on. */
export interface AnswerWindow {
  readonly result: number;
  readonly from: number;
  readonly rows: number;
}

/** What an answer says, and the rows of it that were wanted, in the order in which they came. */
export interface ToldAnswer {
  readonly results: readonly AnswerResult[];
  readonly rows: readonly (readonly AnswerCell[])[];
  readonly error: ToldError | undefined;
  /** The bytes are the answer to its end. */
  readonly complete: boolean;
}
