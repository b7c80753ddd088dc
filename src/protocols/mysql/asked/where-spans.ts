import { MARK, type Tokens } from '../sql/text/tokens.js';
import type { Span } from '../sql/walker/statement-parts.js';

/** What ends a condition where it stands at the same depth of parentheses. */
const ENDS: ReadonlySet<string> = new Set(
  'group having order limit union intersect except for lock window procedure into returning where on set'.split(' '),
);

/** From each WHERE to the end of its condition, by tokens, in order; one may stand in another. */
export function whereSpans(tokens: Tokens): readonly Span[] {
  const spans: Span[] = [];
  const open: { readonly from: number; readonly depth: number }[] = [];
  let depth = 0;
  const close = (to: number, downTo: number): void => {
    for (let last = open.at(-1); last !== undefined && last.depth >= downTo; last = open.at(-1)) {
      open.pop();
      spans.push({ from: last.from, to });
    }
  };
  for (let index = 0; index < tokens.count; index += 1) {
    const word = tokens.word(index);
    if (tokens.kind(index) === MARK) {
      if (word === '(') depth += 1;
      else if (word === ')') {
        close(index, depth);
        depth -= 1;
      } else if (word === ';') close(index, depth);
      continue;
    }
    if (ENDS.has(word)) close(index, depth);
    if (word === 'where') open.push({ from: index, depth });
  }
  close(tokens.count, -Infinity);
  return spans.sort((first, second) => first.from - second.from);
}
