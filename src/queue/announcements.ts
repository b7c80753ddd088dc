import { z } from 'zod';
import { APPROVAL_STATES } from '../domain/approval.js';
import { GRANT_STATES } from '../domain/grant.js';

/** What goes over the grant channel when a grant's state has changed. */
export const grantChange = z.object({ id: z.string(), state: z.enum(GRANT_STATES) });
export type GrantChange = z.infer<typeof grantChange>;

/** What goes over the approval channel when an approval was asked, shown, decided or otherwise ended. */
export const approvalChange = z.object({ id: z.string(), state: z.enum(APPROVAL_STATES) });
export type ApprovalChange = z.infer<typeof approvalChange>;

/** What goes over the access channel when what a principal may do has changed, or sessions of it have ended; null: of all. */
export const accessChange = z.object({ principal: z.string().nullable() });
export type AccessChange = z.infer<typeof accessChange>;

/** The change in a message; undefined for anything else that someone published there. */
export function parseGrantChange(message: string): GrantChange | undefined {
  return parsed(grantChange, message);
}

/** As {@link parseGrantChange}, for the approval channel. */
export function parseApprovalChange(message: string): ApprovalChange | undefined {
  return parsed(approvalChange, message);
}

/** As {@link parseGrantChange}, for the access channel. */
export function parseAccessChange(message: string): AccessChange | undefined {
  return parsed(accessChange, message);
}

function parsed<T>(schema: z.ZodType<T>, message: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined; // not JSON, so no change: listeners ask the database anyway
  }
}
