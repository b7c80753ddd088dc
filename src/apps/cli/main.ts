#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { runProcess } from '../run-process.js';
import { grantProgram } from './grant-program.js';

const ENV_FILE = '.env';

await runProcess('doorwarden', async () => {
  const env = { ...process.env }; // what a program that a command starts is given: nothing of the broker's settings
  if (existsSync(ENV_FILE)) {
    const { variablesOfEnvFile } = await import('../../config/env-file.js');
    Object.assign(process.env, variablesOfEnvFile(ENV_FILE, process.env));
  }
  const alone = await grantProgram(process.argv[2] ?? '', env);
  if (alone !== undefined) {
    await alone.parseAsync();
    return;
  }
  const { program } = await import('./program.js');
  await program(env).parseAsync();
});
