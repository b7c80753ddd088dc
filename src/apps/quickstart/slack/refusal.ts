/** An answer with `ok: false`, as Slack gives it: HTTP 200, a code, and for blocks where the fault is. */
export class SlackRefusal extends Error {
  readonly code: string;
  /** As in `response_metadata.messages`. */
  readonly details: readonly string[];

  constructor(code: string, details: readonly string[] = []) {
    super(`${code}${details.length === 0 ? '' : `: ${details.join(' ')}`}`);
    this.code = code;
    this.details = details;
  }
}

/** Slack limits the rate: HTTP 429 with `Retry-After`. */
export class RateRefusal extends Error {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super(`ratelimited: Retry-After ${retryAfterSeconds}`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
