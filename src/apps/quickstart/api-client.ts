import { z } from 'zod';

/** The API answered with a problem. */
export class ApiProblem extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const problem = z.looseObject({ code: z.string(), title: z.string(), detail: z.string().optional() });
const REQUEST_MS_MAX = 60_000;

/** The HTTP API as one principal sees it. */
export class ApiClient {
  readonly #address: string;
  readonly #key: string;

  constructor(address: string, key: string) {
    this.#address = address;
    this.#key = key;
  }

  async get<T>(path: string, view: z.ZodType<T>): Promise<T> {
    return view.parse(await (await this.#call('GET', path)).json());
  }

  async post<T>(path: string, body: unknown, view: z.ZodType<T>): Promise<T> {
    return view.parse(await (await this.#call('POST', path, body)).json());
  }

  async patch<T>(path: string, body: unknown, view: z.ZodType<T>): Promise<T> {
    return view.parse(await (await this.#call('PATCH', path, body)).json());
  }

  async download(path: string): Promise<Buffer> {
    return Buffer.from(await (await this.#call('GET', path)).arrayBuffer());
  }

  /** @throws ApiProblem */
  async #call(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${this.#address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_MS_MAX),
    });
    if (response.ok) return response;
    const { code, title, detail } = problem.parse(await response.json());
    throw new ApiProblem(code, `${method} ${path} answers ${response.status} ${code}: ${detail ?? title}`);
  }
}

/** Does `work` unless the thing is there already: with a configured state database it may be from the run before. */
export async function unlessThere<T>(code: string, work: () => Promise<T>, instead: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiProblem && error.code === code) return instead();
    throw error;
  }
}
