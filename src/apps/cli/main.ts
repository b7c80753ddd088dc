#!/usr/bin/env node
import { Command } from 'commander';
import { packageVersion, runProcess } from '../run-process.js';
import { keysCommand } from './keys.js';
import { replayCommand } from './replay.js';
import { verifyCommand } from './verify.js';

/** The processes; each entry file starts its process when it is imported. */
const PROCESSES = {
  api: ['Serve the HTTP API', () => import('../api.js')],
  gateway: ['Hold the endpoints of grants', () => import('../gateway.js')],
  worker: ['Expire grants, seal recordings, finish what a dead gateway left', () => import('../worker.js')],
  migrate: ['Bring the state database up to date', () => import('../migrate.js')],
} as const;

await runProcess('doorwarden', async () => {
  await program().parseAsync();
});

function program(): Command {
  const doorwarden = new Command('doorwarden')
    .description(
      'Just-in-time access to databases for AI agents: one task, one grant, one account, one sealed recording',
    )
    .version(packageVersion())
    .showHelpAfterError('(add --help for what is possible)')
    .addHelpText('after', '\nProcesses are configured by environment variables; .env.example lists them all.');
  for (const [name, [description, start]] of Object.entries(PROCESSES)) {
    doorwarden
      .command(name)
      .description(description)
      .action(async () => {
        await start();
      });
  }
  return doorwarden.addCommand(keysCommand()).addCommand(verifyCommand()).addCommand(replayCommand());
}
