#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { runProcess } from '../run-process.js';
import { FROM_ENV_FILE } from './env-file-names.js';
import { plainRunCall } from './run/plain-run-call.js';
import { run } from './run/run-work.js';

const ENV_FILE = '.env';

await runProcess('doorwarden', async () => {
  const env = { ...process.env }; // what a program that a command starts is given: nothing of the broker's settings
  if (existsSync(ENV_FILE)) {
    const { variablesOfEnvFile } = await import('../../config/env-file.js');
    const ofFile = variablesOfEnvFile(ENV_FILE, process.env);
    for (const name of Object.keys(ofFile)) FROM_ENV_FILE.add(name);
    Object.assign(process.env, ofFile);
  }
  const [name = '', ...words] = process.argv.slice(2);
  const call = name === 'run' ? plainRunCall(words) : undefined;
  if (call !== undefined) {
    await run(call.program, call.options, env);
    return;
  }
  const { oneCommandProgram } = await import('./one-command.js');
  const alone = await oneCommandProgram(name, env);
  if (alone !== undefined) {
    await alone.parseAsync();
    return;
  }
  const { program } = await import('./program.js');
  await program(env).parseAsync();
});
