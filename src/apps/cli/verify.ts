import { Command, InvalidArgumentError } from 'commander';
import { examples } from './terminal/api-command.js';

/**
 * `doorwarden verify FILE`: exits 0 only if everything holds, 1 if not, 2 if it could not be looked at, 3 if it
 * holds and says of itself that it was damaged before it was sealed.
 */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('Check a sealed recording offline: every byte, the chain, the seal')
    .argument('<file>', 'the sealed recording (.tar)')
    .option('--keys <jwks.json>', "the broker's public keys, as GET /v1/keys gives them")
    .option('--grant <id>', 'the grant whose recording it must be')
    .option('--sha256 <digest>', 'the SHA-256 that the file must have, from the list of recordings', sha256Digest)
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      examples(
        ['doorwarden verify 01m7ytqm8g9xt6m7ken4f6b9rz.tar --keys keys.json'],
        'Exit codes: 0 the recording verifies, 1 it does not, 2 it could not be read,\n3 it verifies, and says that it was damaged before it was sealed.',
      ),
    )
    .action(async (file: string, options: unknown) => {
      const { runVerify } = await import('./verify-work.js');
      process.exitCode = await runVerify(file, options, {
        out: (text) => process.stdout.write(text),
        err: (text) => process.stderr.write(text),
        errIsTerminal: process.stderr.isTTY,
      });
    });
}

function sha256Digest(text: string): string {
  if (!/^[0-9a-fA-F]{64}$/.test(text)) throw new InvalidArgumentError('Give 64 hexadecimal digits.');
  return text.toLowerCase();
}
