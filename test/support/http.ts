import { z } from 'zod';
import { lightFetch } from '../../src/apps/cli/light-fetch.js';
import { type ApiAnswer, type ApiCall, callApi } from '../../src/client/api-call.js';
import { problemView } from '../../src/contracts/problem.js';
import { type Role } from '../../src/domain/principal.js';
import { type Broker } from './broker.js';

/** A problem document, with the fields that codes of their own carry. */
const problem = problemView.extend({ missing: z.array(z.string()).optional(), grantId: z.string().optional() });
export type Problem = z.infer<typeof problem>;

/** As the command line calls it: with half the work of the runtime's `fetch`, and tests call twenty thousand times. */
const FETCH = lightFetch();

/** Calls the api with a role's key. A refusal is an answer, not an error. */
export function callAs(
  broker: Pick<Broker, 'api' | 'keys'>,
  role: Role,
  { path, ...call }: ApiCall & { readonly path: string },
): Promise<ApiAnswer> {
  return callApi(broker.api, path, { fetch: FETCH, ...call, key: broker.keys[role] });
}

/** The answer's body, of a call that must succeed. */
export function bodyOf<T>(answer: ApiAnswer, schema: z.ZodType<T>): T {
  if (answer.status >= 300) throw new Error(`The api answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return schema.parse(answer.body);
}

/** The problem document of a call that must be refused; throws when it is none, or says another status than the answer. */
export function problemOf({ status, headers, body }: ApiAnswer): Problem {
  const type = headers.get('content-type') ?? '';
  if (!type.startsWith('application/problem+json')) throw new Error(`Not a problem: ${status} ${JSON.stringify(body)}`);
  const parsed = problem.parse(body);
  if (parsed.status !== status) throw new Error(`The problem says ${parsed.status}, the answer ${status}`);
  return parsed;
}
