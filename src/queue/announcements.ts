import { z } from 'zod';
import { GRANT_STATES } from '../domain/grant.js';

/** What goes over the grant channel when a grant's state has changed. */
export const grantChange = z.object({ id: z.string(), state: z.enum(GRANT_STATES) });
export type GrantChange = z.infer<typeof grantChange>;

/** The change in a message; undefined for anything else that someone published there. */
export function parseGrantChange(message: string): GrantChange | undefined {
  try {
    return grantChange.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined; // not JSON, so no change: listeners ask the database anyway
  }
}
