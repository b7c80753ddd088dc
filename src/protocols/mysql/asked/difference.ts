import { shownLine } from '../../../domain/visible-text.js';
import type { DifferencePart } from '../../../protocol/approval-views.js';
import type { SqlDialect } from '../sql/text/dialect.js';
import { lex } from '../sql/text/lexer.js';

/** Of the part of each text in which they differ. */
const TOKENS_MAX = 400;
const PART_CHARACTERS_MAX = 400;
/** Of what is the same, on each side of what differs. */
const KEPT_TOKENS = 6;

/** One operation: its tokens as they were written, then its bound values. */
export interface ComparedText {
  readonly text: string;
  readonly dialect: SqlDialect;
  /** Each as people see it. */
  readonly values: readonly string[];
}

type Kind = DifferencePart['kind'];

/** What a text has by tokens that an earlier one had not, and the other way round; null where they differ too much. */
export function difference(now: ComparedText, earlier: ComparedText): readonly DifferencePart[] | null {
  const [before, after] = [piecesOf(earlier), piecesOf(now)];
  if (before === null || after === null) return null;
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const shorter = Math.min(before.length, after.length);
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const [removed, added] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  if (removed.length > TOKENS_MAX || added.length > TOKENS_MAX) return null;
  const middle = compared(removed, added);
  const head = same(after.slice(0, start), 'end');
  const tail = same(after.slice(after.length - end), 'start');
  return [...head, ...joined(middle), ...tail];
}

/** Null for a text that the lexer does not read to its end. */
function piecesOf({ text, dialect, values }: ComparedText): readonly string[] | null {
  const { tokens, refused } = lex(Buffer.from(text), dialect);
  if (refused !== null) return null;
  const pieces: string[] = [];
  for (let index = 0; index < tokens.count; index += 1) pieces.push(tokens.source(index));
  return [...pieces, ...values.map((value, index) => `[value ${index + 1}: ${value}]`)];
}

interface Piece {
  readonly kind: Kind;
  readonly text: string;
}

/** By the longest common subsequence; the tables have at most TOKENS_MAX² numbers. */
function compared(removed: readonly string[], added: readonly string[]): readonly Piece[] {
  const width = added.length + 1;
  const common = new Uint16Array((removed.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = removed.length - 1; row >= 0; row -= 1) {
    for (let column = added.length - 1; column >= 0; column -= 1) {
      const isSame = removed[row] === added[column];
      const longest = isSame ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
      common[row * width + column] = longest;
    }
  }
  const pieces: Piece[] = [];
  let [row, column] = [0, 0];
  while (row < removed.length || column < added.length) {
    const [before, after] = [removed[row], added[column]];
    if (before !== undefined && before === after) {
      pieces.push({ kind: 'same', text: before });
      row += 1;
      column += 1;
    } else if (before !== undefined && (after === undefined || at(row + 1, column) >= at(row, column + 1))) {
      pieces.push({ kind: 'removed', text: before });
      row += 1;
    } else {
      pieces.push({ kind: 'added', text: after ?? '' });
      column += 1;
    }
  }
  return pieces;
}

function joined(pieces: readonly Piece[]): readonly DifferencePart[] {
  const parts: { kind: Kind; texts: string[] }[] = [];
  for (const { kind, text } of pieces) {
    const last = parts.at(-1);
    if (last?.kind === kind) last.texts.push(text);
    else parts.push({ kind, texts: [text] });
  }
  return parts.map(({ kind, texts }) => ({ kind, shown: cut(texts.join(' ')) }));
}

/** What is the same before or after all that differs: the end that is next to it. */
function same(pieces: readonly string[], near: 'start' | 'end'): readonly DifferencePart[] {
  if (pieces.length === 0) return [];
  const kept = near === 'end' ? pieces.slice(-KEPT_TOKENS) : pieces.slice(0, KEPT_TOKENS);
  const text = cut(kept.join(' '));
  if (kept.length === pieces.length) return [{ kind: 'same', shown: text }];
  return [{ kind: 'same', shown: near === 'end' ? `… ${text}` : `${text} …` }];
}

function cut(text: string): string {
  const shown = shownLine(text.slice(0, PART_CHARACTERS_MAX + 1).replaceAll(/[\r\n\t]+/g, ' '));
  return text.length > PART_CHARACTERS_MAX ? `${shown}…` : shown;
}
