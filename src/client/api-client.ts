import type { z } from 'zod';
import { type ApiCall, callApi, jsonIn, sendCall } from './api-call.js';
import { ApiFailure, failureOf } from './api-failure.js';
import { eventsIn, type ServerEvent } from './server-events.js';

const ANSWER_MS_MAX = 60_000;

/** Where the API is and who calls. */
export interface ApiAddress {
  readonly api: string;
  readonly key: string;
}

/**
 * The HTTP API as one principal sees it. Every call parses its answer with a view of `contracts/`, and throws an
 * `ApiFailure` when the API refuses, cannot be reached, or answers in another form.
 */
export interface ApiClient {
  get<T>(path: string, view: z.ZodType<T>): Promise<T>;
  post<T>(path: string, body: unknown, view: z.ZodType<T>): Promise<T>;
  put<T>(path: string, body: unknown, view: z.ZodType<T>): Promise<T>;
  patch<T>(path: string, body: unknown, view: z.ZodType<T>): Promise<T>;
  delete(path: string): Promise<void>;
  /** The bytes of a file. */
  download(path: string): Promise<Buffer>;
  /** The bytes of an answer that may be large, as they come. */
  stream(path: string): AsyncIterable<Uint8Array>;
  /** Server-sent events of an answer that does not end by itself, until the signal is aborted. */
  events(path: string, signal: AbortSignal): AsyncIterable<ServerEvent>;
}

/** Connects with nothing yet: every request is a call of its own. @throws ApiFailure for an address that is none */
export function connectApi({ api, key }: ApiAddress): ApiClient {
  if (!URL.canParse(api) || !/^https?:$/.test(new URL(api).protocol)) {
    throw new ApiFailure(
      `The address of the API must begin with http:// or https://, not ${JSON.stringify(api)}.`,
      null,
    );
  }
  const base = api.replace(/\/+$/, '');
  const call = async <T>(path: string, view: z.ZodType<T>, request: ApiCall): Promise<T> =>
    viewIn(await calledBody(base, path, { key, ...request }), view, base);
  return {
    get: (path, view) => call(path, view, { method: 'GET' }),
    post: (path, body, view) => call(path, view, { method: 'POST', body }),
    put: (path, body, view) => call(path, view, { method: 'PUT', body }),
    patch: (path, body, view) => call(path, view, { method: 'PATCH', body }),
    async delete(path) {
      await calledBody(base, path, { key, method: 'DELETE' });
    },
    download: (path) =>
      sendCall(base, path, { key }, async (response) => {
        await expectTaken(response, base);
        return Buffer.from(await response.arrayBuffer());
      }),
    stream: (path) => streamOf(base, path, key),
    events: (path, signal) => followEvents(base, path, { key, signal }),
  };
}

async function calledBody(base: string, path: string, call: ApiCall): Promise<unknown> {
  const { status, body } = await callApi(base, path, call);
  if (status >= 400) throw failureOf(status, body);
  return body;
}

/** A broker of another version may answer in a form that this client does not know. */
function viewIn<T>(body: unknown, view: z.ZodType<T>, base: string): T {
  const parsed = view.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : ` (${issue.path.join('.') || 'all of it'}: ${issue.message})`;
  throw new ApiFailure(
    `The API at ${base} answers in another form than this version of doorwarden knows${where}. Use the version of the broker.`,
    null,
    parsed.error,
  );
}

/** Only the answer's beginning has a limit of time. */
async function* streamOf(base: string, path: string, key: string): AsyncGenerator<Uint8Array> {
  const ends = new AbortController();
  const late = setTimeout(() => ends.abort(), ANSWER_MS_MAX);
  try {
    const body = await sendCall(base, path, { key, signal: ends.signal }, async (response) => {
      await expectTaken(response, base);
      return response.body;
    });
    clearTimeout(late);
    if (body !== null) yield* body;
  } catch (cause) {
    if (cause instanceof ApiFailure) throw cause;
    throw new ApiFailure(`The connection to the API at ${base} was lost.`, null, cause);
  } finally {
    clearTimeout(late);
    ends.abort();
  }
}

async function* followEvents(base: string, path: string, call: ApiCall): AsyncGenerator<ServerEvent> {
  const body = await sendCall(base, path, call, async (response) => {
    await expectTaken(response, base);
    return response.body;
  });
  try {
    if (body !== null) yield* eventsIn(body.pipeThrough(new TextDecoderStream()));
  } catch (cause) {
    throw new ApiFailure(`The connection to the API at ${base} was lost.`, null, cause);
  }
}

async function expectTaken(response: Response, base: string): Promise<void> {
  if (response.ok) return;
  const text = await response.text();
  throw failureOf(response.status, text === '' ? undefined : jsonIn(text, base));
}
