import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LOCAL } from '../../support/folders.js';
import { statementsOf } from './extract.js';

const resultSchema = z.discriminatedUnion('available', [
  z.object({ available: z.literal(true), version: z.string(), folder: z.string() }),
  z.object({ available: z.literal(false), reason: z.string() }),
]);

export type CorpusResult = z.infer<typeof resultSchema>;

/** Longer ones are mostly one value. */
const STATEMENT_BYTES_MAX = 64 * 1024;

/** Raises the error that MariaDB's clients take for a report of progress, and the test client for a broken server. */
const PROGRESS = /signal.*65535/is;

/** What came of bringing the corpus to this machine (scripts/setup/sql-corpus.mjs). */
export async function findCorpus(): Promise<CorpusResult> {
  const text = await readFile(join(LOCAL, 'sql-corpus', 'result.json'), 'utf8').catch(() => null);
  if (text === null)
    return { available: false, reason: 'nothing has brought it to this machine yet; see npm run corpus' };
  return resultSchema.parse(JSON.parse(text));
}

/** Every different statement of the corpus, or of one in so many of its scripts, in the order of the files' names. */
export async function corpusStatements(folder: string, everyScript = 1): Promise<readonly Buffer[]> {
  const names = await readdir(folder, { recursive: true });
  const scripts = names.filter((name) => name.endsWith('.test') || name.endsWith('.inc')).sort();
  const different = new Set<string>();
  for (const name of scripts.filter((_, index) => index % everyScript === 0)) {
    // eslint-disable-next-line no-await-in-loop -- all at once would hold ten thousand files
    const script = await readFile(join(folder, name), 'latin1');
    for (const statement of statementsOf(script)) {
      if (statement.length <= STATEMENT_BYTES_MAX && !PROGRESS.test(statement)) different.add(statement);
    }
  }
  return Array.from(different, (statement) => Buffer.from(statement, 'latin1'));
}
