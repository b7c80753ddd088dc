import { Command } from 'commander';
import { keepToConventions } from './terminal/conventions.js';

/**
 * `doorwarden` with one command alone, one that stands before each call of a program: the code of all the others takes longer
 * to load than a grant to open. Undefined for every other name.
 */
export async function grantProgram(name: string, env: NodeJS.ProcessEnv): Promise<Command | undefined> {
  const command = await commandOf(name, env);
  return command === undefined ? undefined : keepToConventions(new Command('doorwarden').addCommand(command));
}

async function commandOf(name: string, env: NodeJS.ProcessEnv): Promise<Command | undefined> {
  switch (name) {
    case 'run':
      return (await import('./run/run.js')).runProgramCommand(env);
    case 'connect':
      return (await import('./connect/connect.js')).connectCommand(env);
    case 'exec':
      return (await import('./exec/exec.js')).execCommand();
    default:
      return undefined;
  }
}
