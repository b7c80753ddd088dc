/** What marks a question, and nothing else does: what cannot be undone, nobody understands, nobody can count, hits all rows. */
export const DANGERS = ['irreversible', 'notUnderstood', 'unknownCount', 'wholeTable'] as const;
export type DangerKind = (typeof DANGERS)[number];

/** The broker's own sentence about what people are asked, in parts: names of others stand apart from its words. */
export interface Headline {
  /** `UPDATE`; the broker's word. */
  readonly verb: string;
  /** What it is done to: names that others gave, hidden characters written out. */
  readonly place: string;
  /** How much, in the broker's words: `1 row of 8 changes`; null where there is nothing to say. */
  readonly amount: string | null;
  /** The amount was counted, and is no estimate. */
  readonly isExact: boolean;
  readonly dangers: readonly DangerKind[];
}

/** A fact in words, as a line of a screen or a message has it. A name that is empty goes on with the line before. */
export type PlainField = readonly [name: string, text: string];

/** Some rows, as a table. */
export interface PlainTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What people are told of a question besides its text, in words: what shows it need not know its protocol. */
export interface Digest {
  /** The values that are sent with it, one a field. */
  readonly values: readonly PlainField[];
  /** What was understood of it. */
  readonly operation: readonly PlainField[];
  /** What was found out besides, without rows. */
  readonly preview: readonly PlainField[];
  /** Some of the rows that it concerns. */
  readonly sample: PlainTable | null;
}
