import { z } from 'zod';
import { type Broker, type Role } from './broker.js';

/** What came of a call to the api; `body` is the parsed JSON. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

const problem = z.looseObject({
  code: z.string(),
  detail: z.string().optional(),
  missing: z.array(z.string()).optional(),
  grantId: z.string().optional(),
});

/** A problem document's stable code, with the fields that tests look at. */
export type Problem = z.infer<typeof problem>;

/** Calls the api with a role's key. A refusal is an answer, not an error. */
export async function callApi(
  broker: Pick<Broker, 'api' | 'keys'>,
  role: Role,
  request: { readonly method: string; readonly path: string; readonly body?: unknown },
): Promise<ApiAnswer> {
  const response = await fetch(`${broker.api}${request.path}`, {
    method: request.method,
    headers: { authorization: `Bearer ${broker.keys[role]}`, 'content-type': 'application/json' },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

/** The answer's body, of a call that must succeed. */
export function bodyOf<T>(answer: ApiAnswer, schema: z.ZodType<T>): T {
  if (answer.status >= 300) throw new Error(`The api answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return schema.parse(answer.body);
}

/** The problem of a call that must be refused. */
export function problemOf(answer: ApiAnswer): Problem {
  if (answer.status < 400) throw new Error(`The api did not refuse: ${JSON.stringify(answer.body)}`);
  return problem.parse(answer.body);
}
