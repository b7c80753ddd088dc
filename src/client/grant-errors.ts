import type { GrantView } from '../contracts/grants/grant.js';
import { CLOSE_ERROR } from '../domain/grant.js';
import { ERROR_TABLE, isErrorCode } from '../kernel/errors/error-table.js';
import { ApiFailure, type ApiFailureDetail, sentenceIn } from './api-failure.js';

/** The broker did not open the grant that was asked for, and says why. */
export class GrantRefusedError extends ApiFailure {
  /** Null where the request was refused before there was one. */
  readonly grant: GrantView | null;

  constructor(message: string, code: string, { grant = null, from }: RefusalOrigin = {}) {
    super(message, code, from, from === undefined ? {} : toldBy(from));
    this.name = 'GrantRefusedError';
    this.grant = grant;
  }
}

/** A person denied it. */
export class GrantDeniedError extends GrantRefusedError {
  override name = 'GrantDeniedError';
}

/** Nobody decided in time. */
export class GrantTimedOutError extends GrantRefusedError {
  override name = 'GrantTimedOutError';
}

/** The grant is open still, since the API did not take its end: its deadline ends it. */
export class GrantNotClosedError extends ApiFailure {
  readonly grant: GrantView;
  /** What the work inside of the grant gave before. */
  readonly result: unknown;

  constructor(grant: GrantView, from: ApiFailure, result?: unknown) {
    super(
      `The grant ${grant.id} could not be closed; it ends by itself at ${grant.deadline}. ${from.message}`,
      from.code,
      from,
      { mayHaveArrived: from.mayHaveArrived },
    );
    this.name = 'GrantNotClosedError';
    this.grant = grant;
    this.result = result;
  }
}

/** What the API said of it, and whether the call may have arrived. */
function toldBy({ problem, mayHaveArrived }: ApiFailure): ApiFailureDetail {
  return { ...(problem === null ? {} : { problem }), mayHaveArrived };
}

interface RefusalOrigin {
  readonly grant?: GrantView | null;
  readonly from?: ApiFailure | undefined;
}

/** The error of a grant that will never be active. */
export function refusalOf(grant: GrantView, from?: ApiFailure): GrantRefusedError {
  if (grant.refusal !== null) return refusalBy(grant.refusal.code, grant.refusal.detail, { grant, from });
  return refusalBy(grant.closeReason === null ? 'grant_not_active' : CLOSE_ERROR[grant.closeReason], null, {
    grant,
    from,
  });
}

/** The error of a request that was refused; what the API says of the caller, or of itself, stays as it is. */
export function refusalIn(failure: ApiFailure): ApiFailure {
  const { code, problem } = failure;
  if (code === null || problem === null) return failure;
  if (!code.startsWith('grant_') && problem.fields['grantId'] === undefined) return failure;
  return refusalBy(code, problem.detail ?? null, { from: failure });
}

function refusalBy(code: string, detail: string | null, origin: RefusalOrigin): GrantRefusedError {
  const message = origin.from?.message ?? messageOf(code, detail);
  switch (code) {
    case 'grant_denied':
      return new GrantDeniedError(message, code, origin);
    case 'grant_approval_timed_out':
      return new GrantTimedOutError(message, code, origin);
    default:
      return new GrantRefusedError(message, code, origin);
  }
}

/** A broker of another version may know codes that this one does not. */
function messageOf(code: string, detail: string | null): string {
  const { title, next } = isErrorCode(code)
    ? ERROR_TABLE[code]
    : { title: 'The broker did not open the grant.', next: undefined };
  return sentenceIn({ title, detail: detail ?? undefined, next, code });
}
