import type { ProblemView } from '../../contracts/problem.js';

/** The broker answered and refused. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(readonly problem: ProblemView) {
    super(problem.title);
  }

  get code(): string {
    return this.problem.code;
  }
}

/** Nothing answered, or not the broker: nobody knows whether the call was carried out. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

export function isRefusal(error: unknown, ...codes: readonly string[]): error is Refusal {
  return error instanceof Refusal && (codes.length === 0 || codes.includes(error.code));
}

/** Codes that say that nobody is signed in any more. */
const SIGNED_OUT = ['unauthenticated', 'session_ended'];

export function isSignedOut(error: unknown): boolean {
  return isRefusal(error, ...SIGNED_OUT);
}
