#!/usr/bin/env node
import { variablesOfEnvFile } from '../../config/env-file.js';
import { runProcess } from '../run-process.js';
import { program } from './program.js';

await runProcess('doorwarden', async () => {
  Object.assign(process.env, variablesOfEnvFile('.env', process.env));
  await program().parseAsync();
});
