import { Command, InvalidArgumentError } from 'commander';
import { withApi } from '../api-option.js';
import type { ApiOptions } from '../profiles/api-choice.js';

/** What every command that talks to the API is given. */
export interface AnswerOptions extends ApiOptions {
  readonly json?: boolean;
}

/** A command that talks to the API, with the options that all of them have. */
export function apiCommand(name: string, description: string): Command {
  return withApi(new Command(name).description(description)).option('--json', 'print the answer as JSON');
}

/** An example of a command line, and what it does where that is not plain. */
type Example = string | readonly [line: string, about: string];

/** For `addHelpText('after', …)`: command lines as one would type them, and what else there is to know. */
export function examples(lines: readonly Example[], note = ''): string {
  const pairs = lines.map((line): readonly [string, string] => (typeof line === 'string' ? [line, ''] : line));
  const width = Math.max(...pairs.filter(([, about]) => about !== '').map(([line]) => line.length), 0);
  const told = pairs.map(([line, about]) => `  ${about === '' ? line : `${line.padEnd(width)}  ${about}`}`);
  return ['', pairs.length === 1 ? 'Example:' : 'Examples:', ...told, ...(note === '' ? [] : ['', note])].join('\n');
}

/** Takes a whole number of an option within these bounds. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,10}$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}
