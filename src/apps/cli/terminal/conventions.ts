import type { Command } from 'commander';
import { shownLine } from '../../../domain/visible-text.js';
import { systemErrorCode } from '../../../recording/write/system-error.js';
import { ApiFailure } from '../../../client/api-failure.js';

/** What every command ends with; docs/command-line.md says it to users. */
export const EXIT = { done: 0, failed: 1, usage: 2, damaged: 3, stopped: 130 } as const;

/** The command line makes no sense, or names what cannot be read: nothing was tried. */
export class UsageFailure extends Error {}

/** The person at the terminal said no, or left. */
export class Stopped extends Error {}

/** Makes the whole tree of commands tell of usage errors in one line, and end with the exit code that they have. */
export function keepToConventions(command: Command, path = command.name()): Command {
  command
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.done : EXIT.usage))
    .configureOutput({
      outputError: (text, write) => {
        const said = text
          .trim()
          .replace(/^error: /, '')
          .replaceAll(/\s+/g, ' ');
        write(`${path}: ${shownLine(said)}${/[.?)]$/.test(said) ? '' : '.'} See: ${path} --help\n`);
      },
    });
  for (const child of command.commands) keepToConventions(child, `${path} ${child.name()}`);
  return command;
}

/** Does a command's work; what users can act on is told in one line, and decides the exit code. */
export async function runCommand(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const exitCode = exitCodeOf(error);
    if (exitCode === undefined) throw error;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`doorwarden ${name}: ${shownLine(message)}\n`);
    process.exitCode = exitCode;
  }
}

function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof ApiFailure) return EXIT.failed;
  if (error instanceof Stopped) return EXIT.stopped;
  return error instanceof UsageFailure || systemErrorCode(error) !== undefined ? EXIT.usage : undefined;
}

/**
 * Asks before something is destroyed, where somebody can answer; `--yes` has answered already, and a script is not asked.
 * @throws Stopped for every answer but `yes`
 */
export async function confirm(question: string, { yes = false }: { readonly yes?: boolean }): Promise<void> {
  if (yes || !process.stdin.isTTY || !process.stderr.isTTY) return;
  const { createInterface } = await import('node:readline/promises'); // few commands ask anything
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const left = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    const answer = await Promise.race([terminal.question(`${shownLine(question)} yes or no: `), left]);
    if (answer.trim().toLowerCase() !== 'yes') throw new Stopped('Nothing was done.');
  } finally {
    terminal.close();
  }
}
