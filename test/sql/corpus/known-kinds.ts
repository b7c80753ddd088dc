import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { LOCAL } from '../../support/folders.js';
import { type Flavour } from '../../support/servers/database-server.js';
import { startObservedServer } from '../support/observed-server.js';
import { type ServerKind, serverKinds } from './server-kinds.js';

const fileSchema = z.object({
  version: z.string(),
  kinds: z.array(z.object({ kind: z.string().nullable(), errno: z.number() })),
});

/** What one server took every statement of the corpus for. */
export interface KnownKinds {
  readonly version: string;
  readonly kinds: readonly ServerKind[];
}

/** No statement may hold the server up for long: SLEEP, GET_LOCK, BENCHMARK. */
const SHORT: Readonly<Record<Flavour, readonly string[]>> = {
  mariadb: ['--max-statement-time=1'],
  mysql: ['--max-execution-time=1000'],
};

/**
 * What the server takes each statement for, as it said when it was last asked: that takes minutes, so the answers are kept
 * in `.local/`. Null when this machine has no such server.
 */
export async function knownKinds(
  flavour: Flavour,
  statements: readonly Buffer[],
  { askAgain, onProgress }: { readonly askAgain: boolean; readonly onProgress: (done: number) => void },
): Promise<KnownKinds | null> {
  const file = join(LOCAL, 'sql-corpus', `kinds-${flavour}.json`);
  const text = askAgain ? null : await readFile(file, 'utf8').catch(() => null);
  const known = text === null ? null : fileSchema.parse(JSON.parse(text));
  if (known?.kinds.length === statements.length) return known;
  const asked = await askServer(flavour, statements, onProgress);
  if (asked === null) return null;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(asked));
  return asked;
}

/** Asks a server of its own; null when this machine has no such server. */
export async function askServer(
  flavour: Flavour,
  statements: readonly Buffer[],
  onProgress?: (done: number) => void,
): Promise<KnownKinds | null> {
  const server = await startObservedServer(flavour, SHORT[flavour]);
  if (server === null) return null;
  try {
    return { version: server.version, kinds: await serverKinds(server, statements, onProgress) };
  } finally {
    await server.stop();
  }
}
