import { Command } from 'commander';
import { keepToConventions } from './terminal/conventions.js';

type CommandMaker = (env: NodeJS.ProcessEnv) => Promise<Command>;

const COMMANDS: ReadonlyMap<string, CommandMaker> = new Map<string, CommandMaker>([
  ['run', async (env) => (await import('./run/run.js')).runProgramCommand(env)],
  ['connect', async (env) => (await import('./connect/connect.js')).connectCommand(env)],
  ['exec', async () => (await import('./exec/exec.js')).execCommand()],
]);

/**
 * `doorwarden` with one command alone, one that stands before each call of a program: the code of all the others takes longer
 * to load than a grant to open. Undefined for every other name.
 */
export async function grantProgram(name: string, env: NodeJS.ProcessEnv): Promise<Command | undefined> {
  const make = COMMANDS.get(name);
  if (make === undefined) return undefined;
  return keepToConventions(new Command('doorwarden').addCommand(await make(env)));
}
