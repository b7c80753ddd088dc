import { hiddenPlaces, writtenOut } from '../../../domain/visible-text.js';
import type { TokenKind } from '../../sql/approval-schema.js';
import type { SqlDialect } from '../sql/text/dialect.js';
import { lex } from '../sql/text/lexer.js';
import { RESERVED_WORDS } from '../sql/plain/reserved-words.js';
import { HEX, NULL_SIGN, NUMBER, STRING, type Tokens, WORD } from '../sql/text/tokens.js';
import { TablePlaces } from './table-places.js';
import { whereSpans } from './where-spans.js';

/** More ranges than this are of no use to a reader. */
export const RANGES_MAX = 20_000;

/** Start and end (not included) in UTF-16 units of the shown text, and what stands there. */
export type TokenRange = [start: number, end: number, kind: TokenKind];

export interface HighlightedText {
  readonly tokens: TokenRange[];
  readonly whereParts: [start: number, end: number][];
  readonly isRead: boolean;
}

/** What the parts of a statement are, for people: by the lexer that it was judged by, over the text as it is shown. */
export function highlight(text: string, dialect: SqlDialect, tables: readonly string[]): HighlightedText {
  const { tokens, refused } = lex(Buffer.from(text), dialect);
  const places = new ShownPlaces(text);
  const marks = [...comments(tokens), ...words(tokens, tables)].sort(([first], [second]) => first - second);
  const ranges = places.ranges(marks);
  return {
    tokens: ranges.slice(0, RANGES_MAX),
    whereParts: whereSpans(tokens).map(({ from, to }) => [
      places.ofByte(tokens.start(from)),
      places.ofByte(tokens.end(to - 1)),
    ]),
    isRead: refused === null && ranges.length <= RANGES_MAX,
  };
}

type ByteRange = readonly [start: number, end: number, kind: TokenKind];

function comments(tokens: Tokens): readonly ByteRange[] {
  return tokens.comments.map(([start, end]): ByteRange => [start, end, 'comment']);
}

function words(tokens: Tokens, tables: readonly string[]): readonly ByteRange[] {
  const named = new TablePlaces(tokens, tables);
  const found: ByteRange[] = [];
  for (let index = 0; index < tokens.count && found.length <= RANGES_MAX; index += 1) {
    const kind = named.isTable(index) ? 'table' : kindOf(tokens, index);
    if (kind !== undefined) found.push([tokens.start(index), tokens.end(index), kind]);
  }
  return found;
}

function kindOf(tokens: Tokens, index: number): TokenKind | undefined {
  switch (tokens.kind(index)) {
    case STRING:
      return 'string';
    case NUMBER:
    case HEX:
      return 'number';
    case NULL_SIGN:
      return 'keyword';
    case WORD:
      return RESERVED_WORDS.has(tokens.word(index)) || OWN_VERBS.has(tokens.word(index)) ? 'keyword' : undefined;
    default:
      return undefined;
  }
}

/** Words that begin statements and clauses, and that no server reserves. */
const OWN_VERBS: ReadonlySet<string> = new Set(
  'begin commit rollback savepoint start transaction truncate temporary view event user flush prepare execute'.split(
    ' ',
  ),
);

/** Where the bytes of a text are in what people are shown of it, in which hidden characters are written out. */
class ShownPlaces {
  readonly #hidden: readonly { readonly at: number; readonly end: number; readonly grows: number }[];
  /** For each byte where its character begins, in UTF-16 units of the text. */
  readonly #units: Uint32Array;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    this.#units = unitsOf(text);
    this.#hidden = hiddenPlaces(text).map(({ at, length }) => ({
      at,
      end: at + length,
      grows: writtenOut(text.slice(at, at + length)).length - length,
    }));
  }

  ofByte(byte: number): number {
    const unit = this.#units[byte] ?? this.#text.length;
    let shift = 0;
    for (const { at, grows } of this.#hidden) {
      if (at >= unit) break;
      shift += grows;
    }
    return unit + shift;
  }

  /** The ranges without overlaps, cut where a hidden character stands, which is a range of its own. */
  ranges(marks: readonly ByteRange[]): TokenRange[] {
    const found: TokenRange[] = [];
    let hidden = 0;
    let shift = 0;
    /** Writes what comes before a unit out as hidden ranges, and the rest of a mark as pieces. */
    const upTo = (unit: number, from: number, kind: TokenKind | null): void => {
      let at = from;
      for (let next = this.#hidden[hidden]; next !== undefined && next.at < unit; next = this.#hidden[hidden]) {
        if (kind !== null && next.at > at) found.push([at + shift, next.at + shift, kind]);
        found.push([next.at + shift, next.end + shift + next.grows, 'hidden']);
        shift += next.grows;
        at = next.end;
        hidden += 1;
      }
      if (kind !== null && unit > at) found.push([at + shift, unit + shift, kind]);
    };
    let done = 0;
    for (const [start, end, kind] of marks) {
      const [from, to] = [this.#unit(start), this.#unit(end)];
      if (found.length > RANGES_MAX) return found;
      upTo(from, done, null);
      upTo(to, from, kind);
      done = to;
    }
    upTo(this.#text.length, done, null);
    return found;
  }

  #unit(byte: number): number {
    return this.#units[byte] ?? this.#text.length;
  }
}

function unitsOf(text: string): Uint32Array {
  const units = new Uint32Array(Buffer.byteLength(text) + 1);
  let byte = 0;
  let unit = 0;
  for (const character of text) {
    const bytes = Buffer.byteLength(character);
    units.fill(unit, byte, byte + bytes);
    byte += bytes;
    unit += character.length;
  }
  units[byte] = unit;
  return units;
}
