import { findProgram, type FoundProgram, ProgramFailure } from '../run/child-program.js';
import type { ConnectionFiles } from '../run/connection-files.js';
import { type ProgramCall, runIn } from '../run/run-work.js';
import { useGrant, type UseOptions } from '../run/use-grant.js';
import { UsageFailure } from '../terminal/conventions.js';

export interface ConnectOptions extends UseOptions {
  readonly client?: string;
}

interface ConnectCall {
  /** Options of the client, after those that connect it. */
  readonly more: readonly string[];
  readonly options: ConnectOptions;
  readonly env: NodeJS.ProcessEnv;
}

/** `doorwarden connect`. */
export async function connect(target: string, { more, options, env }: ConnectCall): Promise<void> {
  const { client } = options;
  await useGrant({
    command: 'connect',
    target,
    options,
    before: () => {
      if (client !== undefined) findProgram(client, env);
    },
    work: (given) => runIn(given, env, (folder) => clientIn(folder, { client, more, env })),
  });
}

function clientIn(
  { programs }: ConnectionFiles,
  { client, more, env }: Omit<ConnectCall, 'options'> & { readonly client: string | undefined },
): ProgramCall {
  const names = programs.map(({ name }) => name).join(', ');
  const fitting = programs.filter(({ name }) => client === undefined || name === client);
  if (fitting.length === 0) {
    throw new UsageFailure(`This target's clients are ${names === '' ? 'not known' : names}, not ${String(client)}.`);
  }
  for (const { name, args } of fitting) {
    const program = programIfThere(name, env);
    if (program !== undefined) return { program, args: [...args, ...more] };
  }
  throw new ProgramFailure(`None of the target's clients is in the folders of PATH: ${names}.`, 127);
}

function programIfThere(name: string, env: NodeJS.ProcessEnv): FoundProgram | undefined {
  try {
    return findProgram(name, env);
  } catch (error) {
    if (error instanceof ProgramFailure) return undefined;
    throw error;
  }
}
