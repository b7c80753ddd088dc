import type { z } from 'zod';

/** What Redis has is not trusted to be what was put there: undefined for nothing, and for anything else. */
export function storedJson<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
