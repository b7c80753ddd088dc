import {
  type Logger,
  LogLevel,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
} from '@slack/web-api';
import { z } from 'zod';
import type { SlackSettings } from '../../config/slack.js';

const CALL_MS_MAX = 10_000;
const CALLS_MAX = 4;
/** Slack's own faults: nobody knows what it did before. */
const SLACKS_FAULTS: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
]);
const LIMITED: ReadonlySet<string> = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);
const LIMITED_MS = 30_000;
const LIMITED_MS_MAX = 3_600_000;
/** With these nothing was sent at all. */
const UNSENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const refusalCode = z.string().max(100).catch('unnamed');

/** What a call to Slack came to that did not succeed. */
export type SlackFailure =
  /** It was not done; nobody may call for so long. */
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  /** It was not done, and Slack says why with a word of its documentation. */
  | { readonly kind: 'refused'; readonly code: string }
  /** It was not done: Slack was not reached. */
  | { readonly kind: 'unreached' }
  /** Nobody knows whether it was done. */
  | { readonly kind: 'unknown' };

/** Calls Slack once for each call and says how that went; whether to call again is its caller's business. It logs nothing. */
export function slackClient(
  { apiUrl, botToken }: Pick<SlackSettings, 'apiUrl' | 'botToken'>,
  callMsMax: number = CALL_MS_MAX,
): WebClient {
  return new WebClient(botToken, {
    slackApiUrl: apiUrl,
    allowAbsoluteUrls: false,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: callMsMax,
    maxRequestConcurrency: CALLS_MAX,
    logger: SILENT,
  });
}

/** What an error of {@link slackClient} means. */
export function slackFailureOf(error: unknown): SlackFailure {
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: 'limited', retryAfterMs: Math.min(LIMITED_MS_MAX, Math.max(1, error.retryAfter) * 1_000) };
  }
  if (error instanceof WebAPIPlatformError) {
    const code = refusalCode.parse(error.data.error);
    if (LIMITED.has(code)) return { kind: 'limited', retryAfterMs: LIMITED_MS };
    return SLACKS_FAULTS.has(code) ? { kind: 'unknown' } : { kind: 'refused', code };
  }
  return error instanceof WebAPIRequestError && isUnsent(error.original) ? { kind: 'unreached' } : { kind: 'unknown' };
}

/** For operators. */
export function failureWords(failure: SlackFailure): string {
  switch (failure.kind) {
    case 'limited':
      return 'Slack wants fewer calls; it is tried again later.';
    case 'refused':
      return `Slack refused it: ${/^[a-z_]{1,60}$/.test(failure.code) ? failure.code : 'it does not say why'}.`;
    case 'unreached':
      return 'Slack cannot be reached.';
    default:
      return 'Slack did not answer as it should.';
  }
}

function isUnsent(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && UNSENT.has(String(at.code))) return true;
    if (at instanceof AggregateError && at.errors.length > 0) return at.errors.every(isUnsent);
  }
  return false;
}

/** The client's own lines have what was sent. */
export const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};
