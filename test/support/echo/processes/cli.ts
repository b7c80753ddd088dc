import { Command } from 'commander';
import { execCommand } from '../../../../src/apps/cli/exec/exec.js';
import { keepToConventions } from '../../../../src/apps/cli/terminal/conventions.js';
import { CLIENT_PROTOCOLS } from '../../../../src/apps/client-protocols.js';
import { runProcess } from '../../../../src/apps/run-process.js';
import { ECHO_CLIENT } from '../client-words.js';

await runProcess('doorwarden with echo', async () => {
  const doorwarden = new Command('doorwarden').addCommand(execCommand([...CLIENT_PROTOCOLS, ECHO_CLIENT]));
  await keepToConventions(doorwarden).parseAsync();
});
