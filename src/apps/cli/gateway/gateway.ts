import { Command, InvalidArgumentError } from 'commander';
import { withApi } from '../api-option.js';
import { type AnswerOptions, examples } from '../terminal/api-command.js';
import type { DrainOptions } from './gateway-work.js';

const WORKERS_MAX = 64;

const EXAMPLES = `
Examples:
  doorwarden gateway drain                    the only gateway there is; waits until it has ended
  doorwarden gateway drain gateway-a --yes    that one, without being asked; all of its --workers
  doorwarden gateway drain gateway-a --no-wait --json

It takes no new grants from then on, and keeps those that are open until they end or its DRAIN_SECONDS are over. Then the
process ends with exit code 0; a supervisor that always restarts starts it again. SIGTERM does the same.`;

/** One gateway is this process itself; several are its children. The commands below it are for gateways elsewhere. */
export function gatewayCommand(): Command {
  return new Command('gateway')
    .description('Hold the endpoints of grants; list and drain gateways')
    .option(
      '--workers <number>',
      'processes to spread grants over; each takes a part of GATEWAY_PORT_RANGE',
      workerCount,
      1,
    )
    .action(async ({ workers }: { readonly workers: number }) => {
      if (workers === 1) {
        await import('../../gateway.js');
        return;
      }
      const { runGatewayWorkers } = await import('../../gateway/workers.js');
      await runGatewayWorkers(workers, process.env);
    })
    .addCommand(listCommand())
    .addCommand(drainCommand());
}

function listCommand(): Command {
  return withApi(new Command('list'))
    .description('List the gateways that are alive, with the number of grants that each holds')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', examples(['doorwarden gateway list', 'doorwarden gateway list --json']))
    .action(async (options: AnswerOptions) => (await import('./gateway-work.js')).list(options));
}

function drainCommand(): Command {
  return withApi(new Command('drain'))
    .description('Make a gateway take no new grants, and end after its open grants have ended')
    .argument('[name]', 'the name of the gateway; not needed where there is only one')
    .option('--no-wait', 'do not wait until it has ended')
    .option('--yes', 'do not ask')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string | undefined, options: DrainOptions) =>
      (await import('./gateway-work.js')).drain(name, options),
    );
}

function workerCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= WORKERS_MAX) return count;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${WORKERS_MAX}.`);
}
