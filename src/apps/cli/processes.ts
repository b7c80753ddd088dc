import { Command } from 'commander';
import { ANY_ADDRESS } from '../any-address.js';

/** The processes; each entry file starts its process when it is imported. */
const PROCESSES = {
  api: ['Serve the HTTP API', () => import('../api.js')],
  worker: ['Expire grants, seal recordings, finish what a dead gateway left', () => import('../worker.js')],
  migrate: ['Bring the state database up to date', () => import('../migrate.js')],
} as const;

/** `doorwarden api`, `worker` or `migrate`. */
export function processCommand(name: keyof typeof PROCESSES): Command {
  const [description, start] = PROCESSES[name];
  const command = new Command(name).description(description).action(async () => {
    await start();
  });
  // The process itself reads it, also where it is started without this command line.
  if (name === 'api') command.option(ANY_ADDRESS, 'let the first link of a new installation work from any address');
  return command;
}
