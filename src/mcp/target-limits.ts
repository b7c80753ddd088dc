import { z } from 'zod';

/** Limits are the protocol's own, but for those that all have. */
const commonLimits = z.looseObject({ ttlSecondsMax: z.int() });

/** The longest time a grant of a target may last; null: not known. */
export function ttlSecondsMaxOf(limits: unknown): number | null {
  return commonLimits.safeParse(limits).data?.ttlSecondsMax ?? null;
}
