import { type Severity } from '../support/severity.js';

/** One statement that may be more than it seems. The session's database is `shop`. */
export interface Adversarial {
  readonly text: Buffer;
  readonly tries: string;
  /** What the session does before it. */
  readonly before?: readonly string[];
  readonly sqlMode?: string;
  /** Sent over a connection that may carry several statements in one text. */
  readonly multi?: true;
  /** For what the server cannot be asked afterwards: a wait, a file, a value that leaks. */
  readonly atLeast?: Severity;
}

export type Circumstances = Omit<Adversarial, 'text' | 'tries'>;

/** Statements that try the same thing. */
export function trying(
  tries: string,
  texts: readonly (string | Buffer)[],
  under: Circumstances = {},
): readonly Adversarial[] {
  return texts.map((text) => ({ text: typeof text === 'string' ? Buffer.from(text) : text, tries, ...under }));
}
