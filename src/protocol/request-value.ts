import type { z } from 'zod';
import { requestInvalid } from '../kernel/request-invalid.js';

/** Where in a request a value stands: `['grantRequest', 'access']`. */
export type RequestPath = readonly (string | number)[];

/**
 * Reads a part of a request by the protocol's schema. What does not fit is told as if the whole request had had it.
 * @throws BrokerError `request_invalid`
 */
export function requestValue<Value>(schema: z.ZodType<Value>, asked: unknown, at: RequestPath): Value {
  const parsed = schema.safeParse(asked);
  if (parsed.success) return parsed.data;
  throw requestInvalid(parsed.error.issues.map(({ path, message }) => ({ path: [...at, ...path], message })));
}
