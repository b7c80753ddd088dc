import { Command } from 'commander';
import { packageVersion } from '../package-version.js';
import { examples } from './terminal/api-command.js';

/** `doorwarden version`: its own version, and what it runs on. */
export function versionCommand(): Command {
  return new Command('version')
    .description('Print the version, and that of the Node.js it runs on')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', examples(['doorwarden version', 'doorwarden version --json']))
    .action(({ json }: { readonly json?: boolean }) => {
      const versions = { doorwarden: packageVersion(), node: process.versions.node };
      const text = `doorwarden ${versions.doorwarden} (Node.js ${versions.node})`;
      process.stdout.write(`${json === true ? JSON.stringify(versions) : text}\n`);
    });
}
