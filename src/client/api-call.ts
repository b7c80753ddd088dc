import { ApiFailure, unreachable } from './api-failure.js';

export type ApiMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ApiCall {
  /** Default: POST with a body, else GET. */
  readonly method?: ApiMethod;
  readonly key?: string | undefined;
  readonly body?: unknown;
  /** Default: aborted after a minute. */
  readonly signal?: AbortSignal;
}

/** What a call answered, a refusal as well; the body as it came, undefined when there was none. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

const CALL_MS_MAX = 60_000;

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
  return { status, headers, body: text === '' ? undefined : jsonIn(text, api) };
}

/**
 * Sends a call and reads its answer as the caller wants it.
 * @throws ApiFailure when the answer does not come, or not whole
 */
export async function sendCall<T>(
  api: string,
  path: string,
  { key, body, method = body === undefined ? 'GET' : 'POST', signal }: ApiCall,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const late = AbortSignal.timeout(CALL_MS_MAX);
  try {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error', // a key goes nowhere but where it was meant for
      signal: signal ?? late,
    });
    return await read(response);
  } catch (cause) {
    if (cause instanceof ApiFailure) throw cause;
    throw unreachable(api, late.aborted ? new Error(`no answer in ${CALL_MS_MAX / 1000} s`) : cause);
  }
}

/** @throws ApiFailure */
export function jsonIn(text: string, api: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiFailure(`What answers at ${api} is no API of Doorwarden.`, null, cause);
  }
}
