import { problemView } from '../contracts/problem.js';

/** The API refused, or could not be asked; the message says what and what to do. */
export class ApiFailure extends Error {
  /** Of the error table; null when there was no answer of the API. */
  readonly code: string | null;

  constructor(message: string, code: string | null, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'ApiFailure';
    this.code = code;
  }
}

/** What a client needs of a problem; the rest of it is for people who look for the cause. */
const toldProblem = problemView.pick({ code: true, title: true, detail: true, next: true }).partial({ next: true });

/** The failure that a refusal tells of, with the body of its answer. */
export function failureOf(status: number, body: unknown): ApiFailure {
  const parsed = toldProblem.safeParse(body);
  if (!parsed.success) return new ApiFailure(`The API answered ${status} without saying why.`, null);
  const { code, title, detail, next } = parsed.data;
  return new ApiFailure([title, detail, next, `(${code})`].filter((part) => part !== undefined).join(' '), code);
}

/** The call did not come through to an API, or its answer not back. */
export function unreachable(api: string, cause: unknown): ApiFailure {
  return new ApiFailure(`The API at ${new URL(api).origin} cannot be reached: ${reasonOf(cause)}.`, null, cause);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
