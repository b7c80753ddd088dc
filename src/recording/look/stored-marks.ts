import { z } from 'zod';
import { MARK_KINDS } from '../../domain/recorded.js';
import type { Marks } from './marks.js';

/** Another version is made again: another version of the code may mark other things. */
const VERSION = 1;

const count = z.int().min(0);
const kind = z.enum(MARK_KINDS);

const marksSchema: z.ZodType<Marks> = z.strictObject({
  entries: count,
  statements: count,
  durationUs: z.number(),
  firstAt: z.string().nullable(),
  counts: z.strictObject({ writes: count, errors: count, held: count, denied: count, sessions: count }),
  marks: z
    .array(
      z.strictObject({
        seq: count,
        monoUs: z.number(),
        kind,
        operation: count.nullable(),
        session: count.nullable(),
      }),
    )
    .max(20_000),
  thinned: z.array(z.strictObject({ kind, of: count, every: count })),
  bucketUs: z.number().positive(),
  density: z.array(count).max(1_000),
  lacks: z.strictObject({ cutAnswers: count, unknownOutcomes: count, interrupted: z.boolean() }),
});

const storedSchema = z.strictObject({ version: z.literal(VERSION), sha256: z.string(), marks: marksSchema });

/** The index of a sealed file as it is kept beside it, with the digest of that file. */
export function marksText(sha256: string, marks: Marks): string {
  return JSON.stringify({ version: VERSION, sha256, marks });
}

/** The index in such a text; undefined when it is of another file or version, or is none: then it is made again. */
export function marksOfText(text: string, { sha256, entries }: { sha256: string; entries: number }): Marks | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = storedSchema.safeParse(json);
  return data?.sha256 === sha256 && data.marks.entries === entries ? data.marks : undefined;
}
