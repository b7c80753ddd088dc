import { z } from 'zod';

export interface ApiCall {
  /** Default: POST with a body, else GET. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly key?: string | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** What a call answered; the body as it came, undefined when there was none. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Calls the broker's HTTP API with JSON. `api` is its address. */
export async function callApi(api: string, path: string, call: ApiCall = {}): Promise<ApiAnswer> {
  const { key, body, method = body === undefined ? 'GET' : 'POST', signal } = call;
  const response = await fetch(`${api}${path}`, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  next: z.string(),
  instance: z.string(),
  requestId: z.string(),
});

/** The problem document of an answer that refuses; throws when it is none, or says another status than the answer. */
export function problemIn({ status, headers, body }: ApiAnswer): z.infer<typeof problem> {
  const type = headers.get('content-type') ?? '';
  if (!type.startsWith('application/problem+json')) throw new Error(`Not a problem: ${status} ${JSON.stringify(body)}`);
  const parsed = problem.parse(body);
  if (parsed.status !== status) throw new Error(`The problem says ${parsed.status}, the answer ${status}`);
  return parsed;
}
