import type { WhereForm } from '../../../sql/statement.js';
import { EXPRESSION_WORDS, OPERAND_WORDS, OPERATOR_WORDS, UNITS } from '../text/keywords.js';
import { HEX, MARK, NAME, NUMBER, PARAMETER, QUOTED, STRING, type Tokens, WORD } from '../text/tokens.js';

/**
 * Whether a condition narrows a statement by a column. `constant` is said of a condition that names no column at this
 * depth (a column inside of a sub-query does not count), and of those that are seen to hold for every row:
 *
 * - one side of an OR that names no column (`id = 5 OR 1 = 1`, `OR ?`), or is itself `constant`;
 * - a column compared with itself (`id = id`, `t.id <=> id`, `id LIKE id`, `id IN (1, id)`, `id BETWEEN id AND id`);
 * - `a = 1 OR a <> 1`, `a IS NULL OR a IS NOT NULL`, `a = 1 OR NOT a = 1`.
 *
 * The values of literals are never looked at: two texts that differ in nothing else have the same form. So `id > 0`
 * and `name LIKE '%'` are `column`. Where a server would join two operators in another way than is read here (`||` is
 * always read as OR), the answer is the wider one.
 */
export function whereForm(tokens: Tokens, first: number, end: number): WhereForm {
  return new Condition(tokens).isNarrow(first, end, false) ? 'column' : 'constant';
}

const OR_WORDS: ReadonlySet<string> = new Set(['or', '||', 'xor']);
const AND_WORDS: ReadonlySet<string> = new Set(['and', '&&']);
const SELF_COMPARISONS: ReadonlySet<string> = new Set([
  '=',
  '<=>',
  '>=',
  '<=',
  'like',
  'rlike',
  'regexp',
  'in',
  'between',
]);
const DEPTH_MAX = 100;

class Condition {
  readonly #tokens: Tokens;
  #depth = 0;

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  /** Whether the tokens name a column in a way that may leave rows out; `negated`: after an odd number of NOT. */
  isNarrow(first: number, end: number, negated: boolean): boolean {
    if (++this.#depth > DEPTH_MAX) return false;
    const narrow = this.#decide(first, end, negated);
    this.#depth--;
    return narrow;
  }

  #decide(first: number, end: number, negated: boolean): boolean {
    const alternatives = this.#split(first, end, OR_WORDS);
    if (alternatives.length > 1) {
      const isWide = (part: Range) => !this.isNarrow(part.first, part.end, negated);
      // NOT (a OR b) is NOT a AND NOT b.
      if (negated) return !alternatives.every(isWide);
      return !alternatives.some(isWide) && !this.#excludeEachOther(alternatives);
    }
    const conjuncts = this.#split(first, end, AND_WORDS);
    if (conjuncts.length > 1) {
      const isWide = (part: Range) => !this.isNarrow(part.first, part.end, negated);
      return negated ? !conjuncts.some(isWide) : !conjuncts.every(isWide);
    }
    const word = this.#tokens.word(first);
    if (word === 'not' || word === '!') return this.isNarrow(first + 1, end, !negated);
    if (word === '(' && this.#closing(first, end) === end - 1 && !isQuery(this.#tokens.word(first + 1))) {
      return this.isNarrow(first + 1, end - 1, negated);
    }
    return this.#namesColumn(first, end) && !this.#comparesWithItself(first, end);
  }

  /** Cuts at the words of this level; the AND of BETWEEN and what is inside of CASE … END belong to their operand. */
  #split(first: number, end: number, words: ReadonlySet<string>): readonly Range[] {
    const parts: Range[] = [];
    let from = first;
    let betweens = 0;
    let cases = 0;
    for (let at = first; at < end; at++) {
      const word = this.#tokens.word(at);
      if (word === '(') at = this.#closing(at, end);
      else if (word === 'case') cases++;
      else if (word === 'end' && cases > 0) cases--;
      else if (cases > 0) continue;
      else if (word === 'between') betweens++;
      else if (word === 'and' && betweens > 0) betweens--;
      else if (words.has(word)) {
        parts.push({ first: from, end: at });
        from = at + 1;
      }
    }
    parts.push({ first: from, end });
    return parts;
  }

  /** Whether two alternatives are one predicate and its opposite. */
  #excludeEachOther(alternatives: readonly Range[]): boolean {
    const plain = new Set<string>();
    const opposite = new Set<string>();
    for (const part of alternatives) {
      const shape = this.#shape(part);
      const flipped = oppositeOf(shape);
      if (flipped === undefined) plain.add(shape);
      else opposite.add(flipped);
    }
    return [...plain].some((shape) => opposite.has(shape));
  }

  /** The predicate with its literals as placeholders. */
  #shape({ first, end }: Range): string {
    let from = first;
    let to = end;
    while (this.#tokens.word(from) === '(' && this.#closing(from, to) === to - 1) {
      from++;
      to--;
    }
    const parts: string[] = [];
    for (let at = from; at < to; at++) {
      const kind = this.#tokens.kind(at);
      const isLiteral = kind === STRING || kind === NUMBER || kind === HEX || kind === PARAMETER;
      parts.push(
        isLiteral ? '?' : this.#tokens.isName(at) ? this.#tokens.name(at).toLowerCase() : this.#tokens.source(at),
      );
    }
    return parts.join(' ');
  }

  #comparesWithItself(first: number, end: number): boolean {
    for (let at = first; at < end; at++) {
      const word = this.#tokens.word(at);
      if (word === '(') {
        at = this.#closing(at, end);
        continue;
      }
      if (!SELF_COMPARISONS.has(word)) continue;
      const left = this.#shape({ first, end: this.#tokens.word(at - 1) === 'not' ? at - 1 : at });
      return this.#operands(at + 1, end).some((right) => isSameOperand(left, this.#shape(right)));
    }
    return false;
  }

  /** What stands right of a comparison: one operand, the two of BETWEEN, or those of a list. */
  #operands(first: number, end: number): readonly Range[] {
    if (this.#tokens.word(first - 1) === 'in' && this.#tokens.word(first) === '(') {
      return this.#split(first + 1, this.#closing(first, end), new Set([',']));
    }
    return this.#split(first, end, AND_WORDS);
  }

  #namesColumn(first: number, end: number): boolean {
    let wantsOperand = true;
    for (let at = first; at < end; at++) {
      const word = this.#tokens.word(at);
      const kind = this.#tokens.kind(at);
      if (word === '(') {
        if (isQuery(this.#tokens.word(at + 1))) at = this.#closing(at, end);
        else if (isUnitFirst(this.#tokens.word(at - 1))) at++;
        else if (this.#tokens.word(at - 1) === 'convert') {
          const closing = this.#closing(at, end);
          const [value] = this.#split(at + 1, closing, new Set([',']));
          if (value !== undefined && this.#namesColumn(value.first, value.end)) return true;
          at = closing;
        } else if (this.#namesColumn(at + 1, this.#closing(at, end))) return true;
        else at = this.#closing(at, end);
        wantsOperand = false;
      } else if (kind === MARK) {
        wantsOperand = true;
      } else if (kind === WORD && (EXPRESSION_WORDS.has(word) || OPERATOR_WORDS.has(word))) {
        if (word === 'as' || word === 'collate' || word === 'using' || isNamedWindow(this.#tokens, at)) at++;
        wantsOperand = OPERATOR_WORDS.has(word);
      } else if (kind === WORD || kind === NAME || kind === QUOTED) {
        if (wantsOperand && this.#isColumn(at)) return true;
        wantsOperand = word === 'interval';
      } else {
        wantsOperand = false;
      }
    }
    return false;
  }

  /** A name in an operand's place that is no call, no system variable, no keyword and no type. */
  #isColumn(at: number): boolean {
    const tokens = this.#tokens;
    if (this.#isCalledName(at) || this.#isOfVariable(at) || tokens.word(at - 1) === '{') return false;
    if (tokens.kind(at) !== WORD) return true;
    const word = tokens.word(at);
    if (OPERAND_WORDS.has(word) || NOT_COLUMNS.has(word)) return false;
    const next = tokens.kind(at + 1);
    // `_utf8mb4'a'` and `DATE '2020-01-01'`
    if (next === STRING || next === HEX) return false;
    return !(UNITS.has(word) && tokens.word(at + 1) === 'from');
  }

  /** `f(`, `db.f(`: the name, or a part of its qualifier. */
  #isCalledName(at: number): boolean {
    let behind = at + 1;
    while (this.#tokens.word(behind) === '.') behind += 2;
    return this.#tokens.word(behind) === '(';
  }

  /** `@@session.name` */
  #isOfVariable(at: number): boolean {
    let before = at;
    while (this.#tokens.word(before - 1) === '.') before -= 2;
    return this.#tokens.source(before - 1) === '@@';
  }

  #closing(open: number, end: number): number {
    let depth = 0;
    for (let at = open; at < end; at++) {
      const word = this.#tokens.word(at);
      if (word === '(') depth++;
      else if (word === ')' && --depth === 0) return at;
    }
    return end;
  }
}

interface Range {
  readonly first: number;
  readonly end: number;
}

/** Words that stand where an operand stands in CAST, CONVERT and literals, and are no reserved ones. */
const NOT_COLUMNS: ReadonlySet<string> = new Set([
  'signed',
  'unsigned',
  'char',
  'nchar',
  'decimal',
  'json',
  'end',
  'boolean',
  'mode',
]);

function isQuery(word: string): boolean {
  return word === 'select' || word === 'with' || word === 'table';
}

/** `OVER w`: no column, but a window. */
function isNamedWindow(tokens: Tokens, at: number): boolean {
  return tokens.word(at) === 'over' && tokens.word(at + 1) !== '(';
}

function isUnitFirst(word: string): boolean {
  return word === 'extract' || word === 'timestampdiff' || word === 'timestampadd' || word === 'get_format';
}

/** The predicate that is true where this one is not, when it is written as a negation. */
function oppositeOf(shape: string): string | undefined {
  if (shape.startsWith('not ')) return shape.slice('not '.length);
  if (shape.endsWith(' is not null')) return shape.replace(/ is not null$/, ' is null');
  if (/ (?:<>|!=) /.test(shape)) return shape.replace(/ (?:<>|!=) /, ' = ');
  return undefined;
}

/** The same tokens, or one column with and without its qualifier. */
function isSameOperand(left: string, right: string): boolean {
  if (left === '' || left === '?') return false;
  return left === right || left.endsWith(` . ${right}`) || right.endsWith(` . ${left}`);
}
