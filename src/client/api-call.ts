import { ApiFailure, unanswered, unreachable, unreadable } from './api-failure.js';

export type ApiMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a program shows to the API: an API key or a token, or what gives it, which is asked before each call. */
export type ApiCredential = string | (() => string | Promise<string>);

/** What calls need of an answer of `fetch`. */
export interface ApiResponse extends Pick<Response, 'ok' | 'status' | 'body' | 'text' | 'arrayBuffer'> {
  readonly headers: Pick<Headers, 'get'>;
}

/** What calls ask of `fetch`, so that a program can give one of its own. */
export type FetchCall = (
  url: string,
  request: Pick<RequestInit, 'method' | 'signal'> & {
    readonly headers: Record<string, string>;
    readonly body?: string;
    readonly redirect: 'error';
  },
) => Promise<ApiResponse>;

export interface ApiCall {
  /** Default: POST with a body, else GET. */
  readonly method?: ApiMethod;
  readonly key?: ApiCredential | undefined;
  readonly body?: unknown;
  /** A name of the caller's own for the call, by which it may be sent again. */
  readonly idempotencyKey?: string | undefined;
  /** Ends the call, besides its limit of time: it then fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long the answer may take, whole; default: a minute. Null: as long as the signal says. */
  readonly limitMs?: number | null;
  /** Default: that of the runtime. */
  readonly fetch?: FetchCall | undefined;
}

/** What is known of a call, with all its tries, while it is made and when it is over, however it ended. */
export class CallReach {
  /** The API may have done what was asked. True until the call knows better. */
  mayHaveArrived = true;
}

/** What a caller may say of a call of a client. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Of a call that changes something: a name by which it may be sent again, and so is. */
  readonly idempotencyKey?: string | undefined;
  /** The call does the same, however often it arrives. Default: reads, and what has an idempotency key. */
  readonly isRepeatable?: boolean | undefined;
  /** How long it is tried again; default: as the client says. */
  readonly patienceMs?: number | undefined;
  /** How long the answer may take; default: a minute. */
  readonly limitMs?: number | undefined;
  /** Is written by the call: for a caller whose signal ended it, or who has to take back what it may have done. */
  readonly reach?: CallReach | undefined;
}

/** What a call answered, a refusal as well; the body as it came, undefined when there was none. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: ApiResponse['headers'];
  readonly body: unknown;
}

/** How long an answer may take that waits for nothing. */
export const CALL_MS_MAX = 60_000;

/** What a header can have; another text is no key, and an error about it would show it. */
const KEY = /^[\x21-\x7e]+$/;

/**
 * Calls the HTTP API with JSON. `api` is its address.
 * @throws ApiFailure when nothing or no JSON answers; a refusal is an answer
 */
export async function callApi(api: string, path: string, call: ApiCall = {}): Promise<ApiAnswer> {
  const { status, headers, text } = await sendCall(api, path, call, async (response) => ({
    status: response.status,
    headers: response.headers,
    text: await response.text(),
  }));
  return { status, headers, body: text === '' ? undefined : jsonIn(text, api, { status, headers }) };
}

/**
 * Sends a call and reads its answer as the caller wants it.
 * @throws ApiFailure when the answer does not come, or not whole; the reason of the call's signal when that ends it
 */
export async function sendCall<T>(
  api: string,
  path: string,
  call: ApiCall,
  read: (response: ApiResponse) => Promise<T>,
): Promise<T> {
  const { body, method = body === undefined ? 'GET' : 'POST', fetch: send = fetch } = call;
  call.signal?.throwIfAborted();
  const headers = await headersOf(call);
  call.signal?.throwIfAborted(); // while the credential was fetched
  const ending = endingOf(call);
  try {
    const response = await send(`${api}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error', // a key goes nowhere but where it was meant for
      signal: ending.signal,
    });
    return await read(response);
  } catch (cause) {
    if (cause instanceof ApiFailure) throw cause;
    call.signal?.throwIfAborted();
    throw ending.isLate() ? unanswered(api, call.limitMs ?? CALL_MS_MAX) : unreachable(api, cause);
  } finally {
    ending.over();
  }
}

/** What ends a call from outside, until it is over. */
interface Ending {
  readonly signal: AbortSignal | null;
  readonly isLate: () => boolean;
  readonly over: () => void;
}

/** What is read after its call, such as events, only has the caller's own signal: its call has no limit. */
function endingOf({ signal, limitMs = CALL_MS_MAX }: ApiCall): Ending {
  if (limitMs === null) return { signal: signal ?? null, isLate: () => false, over: () => undefined };
  const ends = new AbortController();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    ends.abort();
  }, limitMs);
  const follow = (): void => ends.abort();
  signal?.addEventListener('abort', follow, { once: true });
  return {
    signal: ends.signal,
    isLate: () => isLate,
    over() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', follow);
    },
  };
}

async function headersOf({ key, body, idempotencyKey }: ApiCall): Promise<Record<string, string>> {
  const shown = typeof key === 'function' ? await key() : key;
  if (shown !== undefined && !KEY.test(shown)) {
    const told = 'The API key or token has characters that none has, such as a space or a line break.';
    throw new ApiFailure(told, null, undefined, { mayHaveArrived: false });
  }
  return {
    ...(shown === undefined ? {} : { authorization: `Bearer ${shown}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  };
}

/** @throws ApiFailure */
export function jsonIn(text: string, api: string, answer: Pick<ApiAnswer, 'status' | 'headers'>): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(api, answer, cause);
  }
}
