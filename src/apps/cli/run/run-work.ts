import { findProgram, type FoundProgram, programStarter, startProgram } from './child-program.js';
import { type ConnectionFiles, writeConnectionFiles } from './connection-files.js';
import { tellOfHeld } from './held-watch.js';
import { knownPart, withoutConnection } from './known-part.js';
import { type InGrant, useGrant, type UseOptions } from './use-grant.js';

export interface RunOptions extends UseOptions {
  readonly target: string;
}

/**
 * Credentials of the command: its program is given a connection, and none of them. The profiles of the user are files, which a
 * program of the same user can read all the same.
 */
const CREDENTIALS = ['DOORWARDEN_API_KEY', 'DOORWARDEN_TOKEN_FILE'] as const;

/** `doorwarden run`: `words` are the program and its arguments, `env` is what the caller's environment was. */
export async function run(words: readonly string[], options: RunOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const [name = '', ...args] = words;
  let program: FoundProgram;
  await useGrant({
    command: 'run',
    target: options.target,
    options,
    before: () => {
      program = findProgram(name, env);
    },
    ahead: programStarter,
    work: (given) => runIn(given, env, () => ({ program, args })),
  });
}

/** A program with its arguments. */
export interface ProgramCall {
  readonly program: FoundProgram;
  readonly args: readonly string[];
}

/** Runs a program with the connection of a grant, to its end. */
export async function runIn(
  { client, opened, news, signals }: InGrant,
  env: NodeJS.ProcessEnv,
  callOf: (folder: ConnectionFiles) => ProgramCall,
): Promise<number> {
  const { connection, grant } = opened;
  const folder = writeConnectionFiles({ ...connection, ...knownPart(connection) }, grant.deadline);
  const over = new AbortController();
  let watching: Promise<void> | undefined;
  try {
    const { program, args } = callOf(folder);
    const running = await startProgram(program, args, environmentFor(folder, env, grant.id));
    watching = tellOfHeld(client, grant.id, { news, signal: over.signal });
    const { exitCode } = await signals.passTo(running, running.ended);
    return exitCode;
  } finally {
    over.abort();
    folder.remove();
    await watching;
  }
}

function environmentFor(folder: ConnectionFiles, env: NodeJS.ProcessEnv, grantId: string): NodeJS.ProcessEnv {
  const own = withoutConnection(env);
  for (const name of CREDENTIALS) delete own[name];
  return { ...own, ...folder.env, DOORWARDEN_GRANT: grantId };
}
