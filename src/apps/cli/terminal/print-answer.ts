import { systemErrorCode } from '../../../recording/write/system-error.js';
import { EXIT } from './conventions.js';
import { jsonText } from './json-text.js';

/** Prints the answer of a command, the last thing that it does: as the text, or with `--json` as it is. */
export function printAnswer({ json }: { readonly json?: boolean }, answer: unknown, text: () => string): void {
  endWithReader();
  process.stdout.write(`${json === true ? jsonText(answer) : text()}\n`);
}

/** The reader of a pipe, such as `head`, has seen enough: for commands that do nothing but print. */
export function endWithReader(): void {
  if (!process.stdout.listeners('error').includes(end)) process.stdout.on('error', end);
}

function end(error: unknown): void {
  process.exit(systemErrorCode(error) === 'EPIPE' ? EXIT.done : EXIT.failed);
}
