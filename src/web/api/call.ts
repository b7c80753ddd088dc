import type { ProblemView } from '../../contracts/problem.js';
import { brokerAnswered, brokerIsSilent } from './connection.js';
import { ask, takeEarly } from './early.js';
import { NoAnswer, Refusal, isSignedOut } from './failure.js';
import { isAttended } from './presence.js';
import { sessionIsOver } from './session.js';

type QueryValue = string | number | boolean | undefined | null;
export type Query = Readonly<Record<string, QueryValue>>;

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Query;
  readonly body?: unknown;
  /** One for each act of a person: a repeated call with it is carried out once. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/**
 * One call of the API, as the person who is signed in. `T` is what the contract says that it answers; the api and this page
 * are of one build. @throws Refusal when the broker refuses, NoAnswer when nothing answers
 */
export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  const response = await send(path, options);
  if (response.status === 204) return undefined as T;
  const answer: unknown = await response.json().catch(() => {
    throw new NoAnswer('the answer is not JSON');
  });
  if (response.ok) return answer as T;
  throw refusalOf(answer);
}

/** The address of a call with its query; what is undefined, null or empty is left out. */
export function addressOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  return search.size === 0 ? path : `${path}?${search}`;
}

async function send(path: string, options: CallOptions): Promise<Response> {
  const address = addressOf(path, options.query);
  const { method = 'GET', signal } = options;
  try {
    const early = method === 'GET' ? takeEarly(address) : undefined;
    const response = await (early ?? ask(address, { method, ...requestOf(options) }));
    brokerAnswered();
    return response;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    brokerIsSilent();
    throw new NoAnswer('nothing answers', { cause: error });
  }
}

function background() {
  return isAttended() ? {} : { 'x-doorwarden-background': '1' };
}

function requestOf({ method = 'GET', body, idempotencyKey, signal }: CallOptions) {
  return {
    headers: {
      ...(method === 'GET' ? background() : { 'x-doorwarden': '1' }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function refusalOf(answer: unknown): Error {
  if (!isProblem(answer)) return new NoAnswer('the answer is not the broker’s');
  const refusal = new Refusal(answer);
  if (isSignedOut(refusal)) sessionIsOver();
  return refusal;
}

function isProblem(value: unknown): value is ProblemView {
  return typeof value === 'object' && value !== null && 'code' in value && 'title' in value && 'next' in value;
}
