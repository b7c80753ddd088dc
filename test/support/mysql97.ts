import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LOCAL } from './folders.js';

const resultSchema = z.discriminatedUnion('available', [
  z.object({ available: z.literal(true), version: z.string(), bin: z.string() }),
  z.object({ available: z.literal(false), reason: z.string() }),
]);

export type Mysql97Result = z.infer<typeof resultSchema>;

/** The MySQL 9.7 that the set-up brought; `bin` is the folder of its programs. */
export type Mysql97 = Extract<Mysql97Result, { available: true }>;

/** What came of bringing MySQL 9.7 to this machine (scripts/setup/mysql97.mjs). */
export async function findMysql97(): Promise<Mysql97Result> {
  const file = join(LOCAL, 'mysql97', 'result.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return { available: false, reason: 'nothing has brought it to this machine yet; npm test does' };
  return resultSchema.parse(JSON.parse(text));
}
