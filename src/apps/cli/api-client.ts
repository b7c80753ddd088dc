import { Option } from 'commander';
import { z } from 'zod';

/** Where the API is and who calls; the key never stands on a command line, where every process can read it. */
export interface ApiAddress {
  readonly api: string;
  readonly key: string;
}

/** The HTTP API, as commands use it. */
export interface ApiConnection {
  /**
   * Sends a request and gives the body of its answer; undefined when it has none. The caller parses it.
   * @throws ApiFailure
   */
  request(method: ApiMethod, path: string, body?: unknown): Promise<unknown>;
  /**
   * Opens an answer that does not end by itself and gives its text as it comes, until the signal is aborted.
   * @throws ApiFailure
   */
  stream(path: string, signal: AbortSignal): Promise<AsyncIterable<string>>;
}

export type ApiMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The API refused, or could not be asked; the message says what and what to do. */
export class ApiFailure extends Error {
  /** Of the error table; null when there was no answer of the API. */
  readonly code: string | null;

  constructor(message: string, code: string | null, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'ApiFailure';
    this.code = code;
  }
}

const REQUEST_MS_MAX = 60_000;
const DEFAULT_API = 'http://127.0.0.1:8080';

/** `--api URL`, with its fallbacks; every command that talks to the API has it. */
export function apiOption(): Option {
  return new Option('--api <url>', 'where the API is; the key is read from DOORWARDEN_API_KEY')
    .env('DOORWARDEN_API')
    .default(DEFAULT_API);
}

/** The API that a command's `--api` and its environment name. @throws ApiFailure */
export function apiOf(api: string, env: Readonly<Record<string, string | undefined>>): ApiConnection {
  const key = env['DOORWARDEN_API_KEY'];
  if (key === undefined || key === '') {
    throw new ApiFailure('Set DOORWARDEN_API_KEY to your API key; an operator makes one.', null);
  }
  return connectApi({ api, key });
}

/** Connects with nothing yet: every request is a call of its own. @throws ApiFailure for an address that is none */
export function connectApi({ api, key }: ApiAddress): ApiConnection {
  if (!URL.canParse(api) || !/^https?:$/.test(new URL(api).protocol)) {
    throw new ApiFailure(
      `The address of the API must begin with http:// or https://, not ${JSON.stringify(api)}.`,
      null,
    );
  }
  const base = api.replace(/\/+$/, '');
  return {
    async request(method, path, body) {
      const response = await send(`${base}${path}`, method, key, body);
      const text = await response.text();
      const content = text === '' ? undefined : jsonIn(text, base);
      if (!response.ok) throw failureOf(response.status, content);
      return content;
    },
    async stream(path, signal) {
      const response = await send(`${base}${path}`, 'GET', key, undefined, signal);
      if (!response.ok) throw failureOf(response.status, jsonIn(await response.text(), base));
      return textOf(response, base);
    },
  };
}

/** The text of an answer; that the connection breaks is a failure of the API, too. */
async function* textOf({ body }: Response, base: string): AsyncGenerator<string> {
  try {
    for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) yield text;
  } catch (cause) {
    throw new ApiFailure(`The connection to the API at ${base} was lost.`, null, cause);
  }
}

async function send(
  url: string,
  method: ApiMethod,
  key: string,
  body: unknown,
  signal = AbortSignal.timeout(REQUEST_MS_MAX),
): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error', // a key goes nowhere but where it was meant for
      signal,
    });
  } catch (cause) {
    throw new ApiFailure(`The API at ${new URL(url).origin} cannot be reached: ${reasonOf(cause)}.`, null, cause);
  }
}

const problem = z.looseObject({
  code: z.string(),
  title: z.string(),
  detail: z.string().optional(),
  next: z.string().optional(),
});

function failureOf(status: number, content: unknown): ApiFailure {
  const parsed = problem.safeParse(content);
  if (!parsed.success) return new ApiFailure(`The API answered ${status} without saying why.`, null);
  const { code, title, detail, next } = parsed.data;
  return new ApiFailure([title, detail, next, `(${code})`].filter((part) => part !== undefined).join(' '), code);
}

function jsonIn(text: string, base: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiFailure(`What answers at ${base} is no API of Doorwarden.`, null, cause);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error.name === 'TimeoutError' ? `no answer in ${REQUEST_MS_MAX / 1000} s` : error.message;
}
