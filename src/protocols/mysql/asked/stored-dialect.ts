import { z } from 'zod';
import { FLAVOURS } from '../flavour.js';
import type { SqlDialect } from '../sql/text/dialect.js';

const sqlMode = z.object({
  ansiQuotes: z.boolean(),
  noBackslashEscapes: z.boolean(),
  pipesAsConcat: z.boolean(),
  ignoreSpace: z.boolean(),
  highNotPrecedence: z.boolean(),
  oracle: z.boolean(),
});

/** As the state database has it beside a question; questions of older versions have none. */
const storedDialect: z.ZodType<{ readonly dialect?: SqlDialect | undefined }> = z.object({
  dialect: z.object({ flavour: z.enum(FLAVOURS), version: z.int(), sqlMode }).optional(),
});

/** What the text of a stored question was read by. */
export function dialectIn(question: object): SqlDialect | undefined {
  return storedDialect.parse(question).dialect;
}
