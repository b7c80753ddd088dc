import { readForm } from '../kernel/json-form.js';
import { TOLD_PROBLEM_FORM } from './answer.forms.js';

/** What the API said of a refusal (RFC 9457). */
export interface ApiProblem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  /** A sentence about this very case. */
  readonly detail?: string | undefined;
  /** What to do about it. */
  readonly next?: string | undefined;
  readonly requestId?: string | undefined;
  /** Whatever else the problem has: `grantId`, `missing`, `errors`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What is known of a failure besides its message. */
export interface ApiFailureDetail {
  readonly problem?: ApiProblem;
  /** The same call may do in a moment what it did not do now. */
  readonly isPassing?: boolean;
  /** The call has not reached the API: it can be made again, whatever it does. */
  readonly isUnsent?: boolean;
  /** Default: the call was sent, and no answer says that it was refused for good. */
  readonly mayHaveArrived?: boolean;
  /** How long the API says to wait. */
  readonly retryAfterMs?: number;
}

/** The API refused, or could not be asked; the message says what and what to do. */
export class ApiFailure extends Error {
  /** Of the error table; null when there was no answer of the API. */
  readonly code: string | null;
  /** What the API said; null when it said nothing of why. */
  readonly problem: ApiProblem | null;
  readonly isPassing: boolean;
  readonly isUnsent: boolean;
  /** The API may have done what was asked, by this call or an earlier try of it, and nobody knows what came of it. */
  readonly mayHaveArrived: boolean;
  readonly retryAfterMs: number;

  constructor(message: string, code: string | null, cause?: unknown, detail: ApiFailureDetail = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'ApiFailure';
    this.code = code;
    this.problem = detail.problem ?? null;
    this.isPassing = detail.isPassing ?? false;
    this.isUnsent = detail.isUnsent ?? false;
    this.mayHaveArrived = detail.mayHaveArrived ?? (!this.isUnsent && (this.isPassing || code === null));
    this.retryAfterMs = detail.retryAfterMs ?? 0;
  }
}

/** What a broker or a proxy before it answers when it will serve again in a while. */
const PASSING_STATUSES: readonly number[] = [429, 502, 503, 504];
/** Codes that pass by themselves. */
const PASSING_CODES: readonly string[] = [
  'too_many_requests',
  'state_unavailable',
  'queue_unavailable',
  'idempotency_key_in_use',
];
/** What a limiter answers, the broker's or that of a proxy: it has let nothing through. */
const LIMITED_STATUS = 429;
const MS_PER_SECOND = 1000;

/** The failure that a refusal tells of, with the body of its answer. */
export function failureOf(status: number, body: unknown, headers?: Pick<Headers, 'get'>): ApiFailure {
  const parsed = readForm(TOLD_PROBLEM_FORM, body);
  if (!parsed.success) {
    return new ApiFailure(
      `The API answered ${status} without saying why.`,
      null,
      undefined,
      strangeDetail(status, headers),
    );
  }
  const { code, title, detail, next, requestId, ...fields } = parsed.data;
  const problem = { status, code, title, detail, next, requestId, fields };
  // With a grant's id, the answer is what became of that grant: it would be the same again.
  const isPassing = PASSING_CODES.includes(code) && fields['grantId'] === undefined;
  return new ApiFailure(sentenceIn(problem), code, undefined, {
    problem,
    isPassing,
    ...arrivalOf(status),
    retryAfterMs: retryAfterMsIn(headers),
  });
}

/** The answer is no JSON: a proxy gave it in its own words, or there is something else at this address. */
export function unreadable(
  api: string,
  { status, headers }: { readonly status: number; readonly headers: Pick<Headers, 'get'> },
  cause: unknown,
): ApiFailure {
  return new ApiFailure(`What answers at ${api} is no API of Doorwarden.`, null, cause, strangeDetail(status, headers));
}

/** Of an answer that the API has not given. */
function strangeDetail(status: number, headers: Pick<Headers, 'get'> | undefined): ApiFailureDetail {
  return {
    isPassing: PASSING_STATUSES.includes(status),
    ...arrivalOf(status),
    retryAfterMs: retryAfterMsIn(headers),
  };
}

function arrivalOf(status: number): Pick<ApiFailureDetail, 'mayHaveArrived'> {
  return status === LIMITED_STATUS ? { mayHaveArrived: false } : {};
}

/** What happened, why, what to do, with the fields that this speaks of, and the code. */
export function sentenceIn({ title, detail, next, code, fields = {} }: ToldProblem): string {
  const { check, missing } = fields;
  const parts = [
    title,
    detail,
    next,
    typeof check === 'string' ? `The check is ${check}.` : undefined,
    isTexts(missing) ? `Missing: ${missing.map((statement) => `${statement};`).join(' ')}` : undefined,
    `(${code})`,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

type ToldProblem = Omit<ApiProblem, 'status' | 'fields'> & Partial<Pick<ApiProblem, 'fields'>>;

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}

function retryAfterMsIn(headers: Pick<Headers, 'get'> | undefined): number {
  const seconds = /^\d{1,6}$/.exec(headers?.get('retry-after') ?? '')?.[0];
  return seconds === undefined ? 0 : Number(seconds) * MS_PER_SECOND;
}

/** Where nobody listens, or is not found: nothing was sent. */
const UNSENT =
  /^(ECONNREFUSED|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EAI_AGAIN|ENOTFOUND|UND_ERR_CONNECT_TIMEOUT)$/;
/** Where a connection broke off, or nothing came. */
const BROKEN_OFF =
  /^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|UND_ERR_(SOCKET|HEADERS_TIMEOUT|BODY_TIMEOUT|RES_CONTENT_LENGTH_MISMATCH))$/;

/** The call did not come through to an API, or its answer not back. */
export function unreachable(api: string, cause: unknown): ApiFailure {
  const reason = reasonOf(cause);
  const isUnsent = UNSENT.test(reason);
  return new ApiFailure(`The API at ${new URL(api).origin} cannot be reached: ${reason}.`, null, cause, {
    isUnsent,
    isPassing: isUnsent || BROKEN_OFF.test(reason),
  });
}

/** The API has taken the call, perhaps, and has not answered in time. */
export function unanswered(api: string, limitMs: number): ApiFailure {
  const why = `no answer in ${limitMs / MS_PER_SECOND} s`;
  return new ApiFailure(`The API at ${new URL(api).origin} cannot be reached: ${why}.`, null, undefined, {
    isPassing: true,
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
