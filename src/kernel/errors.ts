import { ERROR_TABLE, type ErrorCode } from './errors/error-table.js';
import type { ErrorRow } from './errors/error-row.js';
import { cutUtf8 } from './utf8.js';

export interface BrokerErrorOptions {
  /** A sentence about this very case. It goes to the caller: no SQL, no rows, no secrets. */
  readonly detail?: string;
  /** Further fields of the problem document, for example `missing`. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** A refusal or failure with a stable code; the edges turn it into problem details or an ERR packet. */
export class BrokerError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, options: BrokerErrorOptions = {}) {
    super(
      `${code}: ${options.detail ?? ERROR_TABLE[code].title}`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.name = 'BrokerError';
    this.code = code;
    this.detail = options.detail;
    this.fields = options.fields ?? {};
  }

  get row(): ErrorRow {
    return ERROR_TABLE[this.code];
  }

  /** One line for a protocol without fields: what was refused, why, what to do. */
  get sentence(): string {
    return sentenceOf(this.code, this.detail);
  }
}

/** What a failure is told as: its own code, or this one where nobody foresaw it. */
export function brokerErrorOf(error: unknown, unforeseen: ErrorCode = 'internal'): BrokerError {
  return error instanceof BrokerError ? error : new BrokerError(unforeseen, { cause: error });
}

/**
 * What an ordinary driver shows: `Doorwarden: <what happened> <detail> <what to do> (code)`. `bytesMax`: of UTF-8, where the
 * protocol has no room for more. The detail is cut then, since what to do and the code stand behind it.
 */
export function sentenceOf(code: ErrorCode, detail?: string, bytesMax = Infinity): string {
  const { title, next } = ERROR_TABLE[code];
  const [before, after] = [`Doorwarden: ${title}`, ` ${next} (${code})`];
  if (detail === undefined) return `${before}${after}`;
  const whole = `${before} ${detail}${after}`;
  const over = Buffer.byteLength(whole) - bytesMax;
  if (over <= 0) return whole;
  const room = Buffer.byteLength(detail) - over - Buffer.byteLength(CUT);
  return room < DETAIL_BYTES_MIN
    ? `${before}${after}`
    : `${before} ${cutUtf8(Buffer.from(detail), room)}${CUT}${after}`;
}

const CUT = '…';
/** Less of a detail says nothing. */
const DETAIL_BYTES_MIN = 16;
