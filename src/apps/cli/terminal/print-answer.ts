import { jsonText } from './json-text.js';

/** Prints the answer of a command: as the text, or with `--json` as it is. */
export function printAnswer({ json }: { readonly json?: boolean }, answer: unknown, text: () => string): void {
  process.stdout.write(`${json === true ? jsonText(answer) : text()}\n`);
}
