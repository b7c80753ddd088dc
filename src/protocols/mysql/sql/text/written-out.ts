import type { Span } from '../walker/statement-parts.js';
import { NAME, NO_GAP, type Tokens, WORD } from './tokens.js';

/**
 * The tokens as a text of their own, without the comments that stand between them and the marks of those they stand in.
 */
export function writtenOut(tokens: Tokens, { from, to }: Span): string {
  const parts: string[] = [];
  for (let index = from; index < to; index += 1) {
    if (index > from && tokens.gap(index) !== NO_GAP) parts.push(' ');
    const source = tokens.source(index);
    const isName = tokens.kind(index) === WORD || tokens.kind(index) === NAME;
    parts.push(isName && source.startsWith('$') ? `\`${source}\`` : source);
  }
  return parts.join('');
}
