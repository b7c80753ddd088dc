/** What the broker told a driver in place of an answer. */
export interface DriverRefusal {
  /** A code of docs/errors.md. */
  readonly code: string;
  /** What happened, why, and what to do. */
  readonly message: string;
}

/** A sentence of `sentenceOf` at the end of a text: drivers and mappers put numbers and statements of theirs before it. */
const REFUSAL = /(?:^|[\s:-])(?<message>Doorwarden: [^]*\((?<code>[a-z][a-z_]*)\))\s*$/;

/** The broker's refusal that a driver's text tells of; undefined: the text is not the broker's. */
export function refusalIn(text: string): DriverRefusal | undefined {
  const { message, code } = REFUSAL.exec(text)?.groups ?? {};
  return message === undefined || code === undefined ? undefined : { code, message };
}
