import {
  type ApiCall,
  type ApiCredential,
  type FetchCall,
  type ApiResponse,
  callApi,
  type CallOptions,
  jsonIn,
  sendCall,
} from './api-call.js';
import { type FormOutcome, readForm, type TypedForm } from '../kernel/json-form.js';
import { ApiFailure, failureOf } from './api-failure.js';
import { type ApiRetry, callAgain, NO_RETRY } from './api-retry.js';
import { eventsIn, type ServerEvent } from './server-events.js';

const ANSWER_MS_MAX = 60_000;

/** Where the API is and who calls. */
export interface ApiAddress {
  readonly api: string;
  readonly key: ApiCredential;
  /** Default: that of the runtime. */
  readonly fetch?: FetchCall | undefined;
  /** Default: no call is made again. */
  readonly retry?: ApiRetry | undefined;
}

/** How an answer is read: a schema of `contracts/` is a view, and so is `formView` of what such a schema says. */
export interface AnswerView<T> {
  safeParse(body: unknown): FormOutcome<T>;
}

/** A view that needs no schema. */
export function formView<T>(form: TypedForm<T>): AnswerView<T> {
  return { safeParse: (body) => readForm(form, body) };
}

/**
 * The HTTP API as one principal sees it. Every call parses its answer with a view of `contracts/`, and throws an
 * `ApiFailure` when the API refuses, cannot be reached, or answers in another form.
 */
export interface ApiClient {
  get<T>(path: string, view: AnswerView<T>, options?: CallOptions): Promise<T>;
  post<T>(path: string, body: unknown, view: AnswerView<T>, options?: CallOptions): Promise<T>;
  put<T>(path: string, body: unknown, view: AnswerView<T>, options?: CallOptions): Promise<T>;
  patch<T>(path: string, body: unknown, view: AnswerView<T>, options?: CallOptions): Promise<T>;
  delete(path: string): Promise<void>;
  /** The bytes of a file. */
  download(path: string): Promise<Buffer>;
  /** The bytes of an answer that may be large, as they come. */
  stream(path: string): AsyncIterable<Uint8Array>;
  /** Server-sent events of an answer that does not end by itself, until the signal is aborted. */
  events(path: string, signal: AbortSignal): AsyncIterable<ServerEvent>;
}

/** Connects with nothing yet: every request is a call of its own. @throws ApiFailure for an address that is none */
export function connectApi({ api, key, fetch, retry = NO_RETRY }: ApiAddress): ApiClient {
  const base = baseOf(api);
  const common = { key, fetch };
  let hasAnswered = false;
  const callOnce = async (path: string, request: ApiCall): Promise<unknown> => {
    const { status, headers, body } = await callApi(base, path, { ...common, ...request });
    hasAnswered = true;
    if (status >= 400) throw failureOf(status, body, headers);
    return body;
  };
  const call = async <T>(
    path: string,
    view: AnswerView<T>,
    request: ApiCall,
    options: CallOptions = {},
  ): Promise<T> => {
    const { signal, idempotencyKey, limitMs, patienceMs, reach } = options;
    const { isRepeatable = request.method === 'GET' || idempotencyKey !== undefined } = options;
    const body = await callAgain(
      () => callOnce(path, { ...request, signal, idempotencyKey, ...(limitMs === undefined ? {} : { limitMs }) }),
      { isRepeatable, signal, reach, patienceMs: () => patienceMs ?? (hasAnswered ? retry.laterMs : retry.firstMs) },
    );
    return viewIn(body, view, base);
  };
  return {
    get: (path, view, options) => call(path, view, { method: 'GET' }, options),
    post: (path, body, view, options) => call(path, view, { method: 'POST', body }, options),
    put: (path, body, view, options) => call(path, view, { method: 'PUT', body }, options),
    patch: (path, body, view, options) => call(path, view, { method: 'PATCH', body }, options),
    async delete(path) {
      await callOnce(path, { method: 'DELETE' });
    },
    download: (path) =>
      sendCall(base, path, common, async (response) => {
        await expectTaken(response, base);
        return Buffer.from(await response.arrayBuffer());
      }),
    stream: (path) => streamOf(base, path, common),
    events: (path, signal) => followEvents(base, path, { ...common, signal, limitMs: null }),
  };
}

/** The address as paths are put to it. @throws ApiFailure */
export function baseOf(api: string): string {
  if (!URL.canParse(api) || !/^https?:$/.test(new URL(api).protocol)) {
    throw new ApiFailure(
      `The address of the API must begin with http:// or https://, not ${JSON.stringify(api)}.`,
      null,
    );
  }
  return api.replace(/\/+$/, '');
}

/** A broker of another version may answer in a form that this client does not know. */
function viewIn<T>(body: unknown, view: AnswerView<T>, base: string): T {
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
async function* streamOf(base: string, path: string, call: ApiCall): AsyncGenerator<Uint8Array> {
  const ends = new AbortController();
  const late = setTimeout(() => ends.abort(), ANSWER_MS_MAX);
  try {
    const body = await sendCall(base, path, { ...call, signal: ends.signal, limitMs: null }, async (response) => {
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

async function expectTaken(response: ApiResponse, base: string): Promise<void> {
  if (response.ok) return;
  const text = await response.text();
  throw failureOf(response.status, text === '' ? undefined : jsonIn(text, base, response), response.headers);
}
