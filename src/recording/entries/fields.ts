import { z } from 'zod';

/** What the schemas of both formats have in common, and the manifest's. */

export const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** RFC 3339, UTC, with six digits of a second. */
export const timestampSchema = z.string().regex(TIMESTAMP);
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

export const count = z.int().nonnegative();
export const ordinal = z.int().positive();

// The chain compares `prev` with a digest, which says more than a pattern would and costs less.
export const chainFields = { seq: ordinal, prev: z.string(), at: timestampSchema, mono: z.number() };

export const principalSchema = z.strictObject({ id: z.string(), name: z.string(), kind: z.string() });
export const sponsorSchema = z.strictObject({ name: z.string(), isClaim: z.boolean() });
export const taskSchema = z.strictObject({ title: z.string(), reference: z.string().exactOptional() });
export const closeReasonSchema = z.enum(['completed', 'expired', 'revoked', 'drained', 'failed']);
export const closedSessionReason = z.enum([
  'client-quit',
  'client-gone',
  'target-gone',
  'grant-closed',
  'killed',
  'refused',
  'failed',
]);

export const clientSchema = z.strictObject({ address: z.string(), port: count });
export const tlsSchema = z.strictObject({ version: z.string(), cipher: z.string() }).nullable();

export const bytesReference = z.strictObject({
  bytes: count,
  kept: count,
  // Compared with the digest of the bytes, or by its pattern where they were cut.
  sha256: z.string(),
  segment: count,
  offset: count,
});

export const decisionSchema = z.strictObject({
  by: z.string(),
  decision: z.enum(['approve', 'deny']),
  reason: z.string().nullable(),
  at: timestampSchema,
  decidedWith: z.string().exactOptional(),
});
export const decidedOutcome = z.enum(['approved', 'denied', 'timed-out', 'cancelled', 'withdrawn', 'abandoned']);
export const withdrawalSchema = z.strictObject({
  by: z.string(),
  reason: z.string(),
  at: timestampSchema,
  withdrawnWith: z.string(),
});
export const head = z.string().regex(/^([0-9a-f]{2})*$/);
