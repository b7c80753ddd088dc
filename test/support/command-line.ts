import { join } from 'node:path';
import type { Role } from '../../src/domain/principal.js';
import type { Broker } from './broker.js';
import { type ClientOutcome, runProgram } from './clients/program.js';
import { COMPILED, ROOT } from './folders.js';

/** The built command line. */
export const PROGRAM = join(ROOT, 'dist/apps/cli/main.js');

interface CommandLineOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs the built command line against a broker with a role's key; it is no terminal, and nobody is asked. */
export function doorwardenAs(
  broker: Pick<Broker, 'api' | 'keys'>,
  role: Role,
  args: readonly string[],
  { input, env = {}, cwd }: CommandLineOptions = {},
): Promise<ClientOutcome> {
  return runProgram(process.execPath, [PROGRAM, ...args], {
    env: {
      ...COMPILED,
      DOORWARDEN_API: broker.api,
      DOORWARDEN_API_KEY: broker.keys[role],
      ...env,
    },
    ...(input === undefined ? {} : { input }),
    ...(cwd === undefined ? {} : { cwd }),
  });
}
