/** What a verifier looks at, in its order. */
export const CHECKS = [
  'archive',
  'signature',
  'manifest',
  'members',
  'lines',
  'chain',
  'references',
  'frames',
  'counts',
] as const;
export type Check = (typeof CHECKS)[number];

/**
 * What this one never looks at: the protocol's bodies; the order that entries have besides the chain; the fields of lines
 * of format 1, whose bodies stand among them. `signer` and `grant` are not looked at when the caller does not say who signs,
 * or whose recording it has to be.
 */
export type UncheckedPart = 'bodies' | 'order' | 'fields' | 'signer' | 'grant';

/** The first thing that does not hold. */
export interface Problem {
  /** `entry 12`, `frame 3`, `segment 2`, `index`, `manifest`, `signature`, `damaged/000001.bin` or `archive byte 1234`. */
  readonly where: string;
  /** The entry at which it was found, when it was found at one. */
  readonly entry?: number;
  /** One sentence. */
  readonly what: string;
}

/** A part of a recording that was damaged before it was closed; its bytes are kept and prove nothing. */
export interface KeptDamage {
  readonly where: string;
  readonly what: string;
  readonly bytes: number;
}

/** Everything that was checked holds, or the first thing that does not. */
export type Verdict = {
  readonly checked: readonly Check[];
  readonly notChecked: readonly UncheckedPart[];
} & (
  | {
      readonly ok: true;
      readonly grant: string;
      readonly entries: number;
      readonly segments: number;
      /** RFC 7638 thumbprint of the key that signed. */
      readonly keyId: string;
      /** It is one of the keys that the caller gave. */
      readonly keyTrusted: boolean;
      readonly damage: KeptDamage | null;
      /** Of the file. */
      readonly bytes: number;
    }
  | { readonly ok: false; readonly problem: Problem }
);

/** Ends a check with the first thing that does not hold; it never leaves the verifier. */
export class NotHolding extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.where}: ${problem.what}`);
    this.name = 'NotHolding';
    this.problem = problem;
  }
}

/** The platform lacks what a verifier needs; nothing was found out about the recording. */
export class VerifierError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'VerifierError';
  }
}

export function fail(where: string, what: string): never {
  throw new NotHolding({ where, what });
}

export function failAtEntry(entry: number, what: string): never {
  throw new NotHolding(entryProblem(entry, what));
}

export function entryProblem(entry: number, what: string): Problem {
  return { where: `entry ${entry}`, what, entry };
}
