import { shownJson } from '../../../domain/visible-text.js';

/** JSON that says the same and speaks to no terminal; its own line breaks are the only ones. */
export function jsonText(answer: unknown, indent: 0 | 2 = 2): string {
  return JSON.stringify(answer, null, indent)
    .split('\n')
    .map((line) => shownJson(line))
    .join('\n');
}
