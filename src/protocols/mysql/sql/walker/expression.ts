import {
  CLAUSE_WORDS,
  CLAUSE_WORDS_CALLED,
  EXPRESSION_WORDS,
  NILADIC_FUNCTIONS,
  OPERAND_WORDS,
  OPERATOR_WORDS,
  UNITS,
} from '../text/keywords.js';
import { isGeometryCall } from '../functions/geometry.js';
import { isHarmfulFunction } from '../functions/harmful.js';
import { isHarmlessFunction, isSpaceSensitive } from '../functions/known.js';
import {
  END,
  GAP_SPACE,
  HEX,
  MARK,
  NAME,
  NO_GAP,
  QUOTED,
  STRING,
  SYSTEM_SIGN,
  USER_VARIABLE,
  WORD,
} from '../text/tokens.js';
import {
  ARGUMENT_WORDS,
  AGAINST_WORDS,
  NO_WORDS,
  ORDER_WORDS,
  RESERVED_TYPES,
  UNIT_FIRST,
  WINDOW_WORDS,
} from './argument-words.js';
import { type Walk } from './walk.js';

export interface ExpressionOptions {
  /** Words that would end an expression elsewhere and belong to this one, as FROM in EXTRACT. */
  readonly allowed?: ReadonlySet<string>;
  /** Stops at a comma too. */
  readonly oneOnly?: boolean;
}

/**
 * Steps over expressions and their aliases, up to an unopened parenthesis, the end, or a word that begins a clause.
 * Finds what is called, which names may be columns, and the queries inside. It does not check the grammar: a text that
 * the server refuses may pass here, one that it runs shows all its calls, names and queries.
 */
export function walkExpressions(walk: Walk, { allowed = NO_WORDS, oneOnly = false }: ExpressionOptions = {}): void {
  let wantsOperand = true;
  for (;;) {
    switch (walk.kind()) {
      case END:
        return;
      case MARK: {
        const mark = walk.word();
        if (mark === ')' || mark === '}' || mark === ';' || (mark === ',' && oneOnly)) return;
        wantsOperand = walkMark(walk, mark, wantsOperand);
        break;
      }
      case WORD: {
        const word = walk.word();
        if (allowed.has(word)) {
          walk.at++;
          if (word === 'using' || word === 'set') walkBareName(walk);
          if (word === 'returning') walkType(walk);
          wantsOperand = true;
          break;
        }
        if (CLAUSE_WORDS.has(word) && !(CLAUSE_WORDS_CALLED.has(word) && walk.word(1) === '(')) return;
        wantsOperand = walkWord(walk, word, wantsOperand, allowed);
        break;
      }
      case NAME:
      case QUOTED:
        walkName(walk);
        wantsOperand = false;
        break;
      case USER_VARIABLE:
        walk.at++;
        walk.facts.flag('user-variable');
        wantsOperand = false;
        break;
      case SYSTEM_SIGN:
        walk.at++;
        walk.dottedName();
        walk.facts.flag('system-variable');
        wantsOperand = false;
        break;
      default:
        walk.at++;
        wantsOperand = false;
    }
  }
}

/** One group in parentheses: a query, or expressions. */
export function walkGroup(walk: Walk, allowed: ReadonlySet<string> = NO_WORDS): void {
  walk.expect('(');
  walk.nested(() => {
    if (startsQuery(walk)) walk.nestedQuery(() => walk.walkers.query(walk));
    else walkExpressions(walk, { allowed });
    if (['union', 'intersect', 'except'].includes(walk.word())) {
      walk.nestedQuery(() => walk.walkers.setOperations(walk));
    }
  });
  walk.expect(')');
}

/** VALUES in parentheses is a query in front of ROW only: elsewhere it may be the function of ON DUPLICATE KEY. */
function startsQuery(walk: Walk): boolean {
  const word = walk.word();
  return word === 'select' || word === 'with' || word === 'table' || (word === 'values' && walk.word(1) === 'row');
}

/** Gives whether an operand is wanted next. */
function walkMark(walk: Walk, mark: string, wantsOperand: boolean): boolean {
  if (mark === '(') {
    walkGroup(walk);
    return false;
  }
  if (mark === '.' || mark === ':') walk.fail(`"${mark}" where it does not belong`);
  if (mark === '{') {
    walkBraces(walk);
    return false;
  }
  if (mark === ':=') walk.facts.flag('assignment');
  const isEverything = mark === '*' && wantsOperand;
  if (isEverything && walk.word(-1) !== '(') walk.facts.column('*');
  walk.at++;
  return !isEverything;
}

/** ODBC's `{d '2020-01-01'}` and `{fn now()}`. */
function walkBraces(walk: Walk): void {
  walk.at++;
  walk.name();
  walkExpressions(walk);
  walk.expect('}');
}

function walkWord(walk: Walk, word: string, wantsOperand: boolean, allowed: ReadonlySet<string>): boolean {
  if (EXPRESSION_WORDS.has(word)) return walkKeyword(walk, word);
  if (word === 'mod' && walk.word(1) !== '(') {
    walk.at++;
    return true;
  }
  if (!wantsOperand) {
    if (word === 'end' || UNITS.has(word)) {
      walk.at++;
      return false;
    }
    if (walk.accept('member', 'of')) return true;
    if (walk.accept('within', 'group')) {
      walkGroup(walk, ORDER_WORDS);
      return false;
    }
  }
  if (walk.sees('next', 'value', 'for') || walk.sees('previous', 'value', 'for')) {
    walkSequence(walk, word);
    return false;
  }
  if (RESERVED_TYPES.has(word) && allowed.has('using') && walk.word(1) === '(') {
    walk.at++;
    walk.skipGroup();
    return false;
  }
  if (OPERAND_WORDS.has(word) && walk.word(1) !== '.') {
    if (NILADIC_FUNCTIONS.has(word)) walk.facts.function(word);
    // An inserted row evaluates its defaults anyway, so among the values of one the word says nothing new.
    if (word === 'default' && (walk.word(1) === '(' || walk.facts.action === 'update')) walk.facts.function(word);
    walk.at++;
    if (walk.word() === '(') walkGroup(walk);
    return word === 'interval' && walk.word(-1) !== ')';
  }
  const isTimeLiteral = (word === 'date' || word === 'time' || word === 'timestamp') && walk.kind(1) === STRING;
  if (isTimeLiteral || isIntroducer(walk, word)) {
    walk.at += isTimeLiteral ? 2 : 1;
    return false;
  }
  walkName(walk);
  return false;
}

function walkKeyword(walk: Walk, word: string): boolean {
  walk.at++;
  if (word === 'as') {
    walkType(walk);
    return false;
  }
  if (word === 'collate') {
    walkBareName(walk);
    return false;
  }
  if (word === 'over') {
    if (walk.word() === '(') walkGroup(walk, WINDOW_WORDS);
    else walk.name();
    return false;
  }
  if (word === 'against') {
    walkGroup(walk, AGAINST_WORDS);
    return false;
  }
  return OPERATOR_WORDS.has(word);
}

/** An alias, or the type of a CAST with its length. */
function walkType(walk: Walk): void {
  walkBareName(walk);
  if (walk.word() === '(') walk.skipGroup();
}

/** A name that is no column: an alias, a character set, a collation. */
function walkBareName(walk: Walk): void {
  if (!walk.isName() && walk.kind() !== STRING) walk.fail('no name where one belongs');
  walk.at++;
}

const CHARACTER_SET =
  /^_(?:utf8|utf16|utf32|ucs2|latin|binary|ascii|koi8|cp\d|gb|big5|sjis|ujis|euc|mac|hebrew|greek|tis|swe|dec|hp|arm|geo|kei)/;

/** `_utf8mb4'text'` */
function isIntroducer(walk: Walk, word: string): boolean {
  return CHARACTER_SET.test(word) && (walk.kind(1) === STRING || walk.kind(1) === HEX);
}

/** `NEXT VALUE FOR s` counts on; it is NEXTVAL by another name. */
function walkSequence(walk: Walk, word: string): void {
  walk.at += 3;
  noteSequence(walk, word === 'next');
  walk.facts.unknownFunction({ database: null, name: word === 'next' ? 'nextval' : 'lastval' });
}

/** Counting on needs INSERT on the sequence, and reading it. */
function noteSequence(walk: Walk, isWritten: boolean): void {
  const sequence = walk.tableName();
  walk.facts.table(sequence, 'read');
  if (isWritten) walk.facts.table(sequence, 'insert');
}

/** A column, `t.*`, or a call. */
function walkName(walk: Walk): void {
  const first = walk.at;
  const parts = walk.dottedName();
  if (walk.word() === '(') {
    walkCall(walk, parts, first);
    return;
  }
  if (walk.accept('.', '*')) walk.facts.column('*');
  else walk.facts.column(parts.at(-1) ?? '');
}

const SEQUENCE_FUNCTIONS: ReadonlySet<string> = new Set(['nextval', 'lastval', 'setval']);

function walkCall(walk: Walk, parts: readonly string[], first: number): void {
  const name = (parts.at(-1) ?? '').toLowerCase();
  const gap = walk.tokens.gap(walk.at);
  const isSpaced = gap !== NO_GAP && !(gap === GAP_SPACE && walk.dialect.sqlMode.ignoreSpace);
  // A name in quotes, a qualified one, and some names with a space after them mean a stored function of that name.
  const isHarmless =
    isHarmlessFunction(walk.tokens.source(first), walk.dialect) ||
    isGeometryCall(name, walk.tokens, walk.at, walk.dialect);
  const isBuiltIn =
    parts.length === 1 && walk.tokens.kind(first) === WORD && isHarmless && !(isSpaced && isSpaceSensitive(name));
  if (isBuiltIn) walk.facts.function(name);
  else walk.facts.unknownFunction({ database: databaseOf(walk, parts), name: parts.at(-1) ?? '' });
  if (!isBuiltIn) {
    if (parts.length === 1 && walk.isMariadb && SEQUENCE_FUNCTIONS.has(name) && walk.isName(1)) {
      walk.at++;
      noteSequence(walk, name !== 'lastval');
      walkExpressions(walk);
      walk.expect(')');
    } else {
      walkGroup(walk);
    }
    return;
  }
  if (UNIT_FIRST.has(name) && walk.isName(1)) {
    walk.at++;
    walk.at++;
    walkExpressions(walk, { allowed: ARGUMENT_WORDS.get(name) ?? NO_WORDS });
    walk.expect(')');
    return;
  }
  walkGroup(walk, ARGUMENT_WORDS.get(name));
}

/** Where a stored function is looked for; null for what the server itself has. */
function databaseOf(walk: Walk, parts: readonly string[]): string | null {
  if (parts.length > 1) return parts.at(-2) ?? null;
  return isHarmfulFunction(parts[0] ?? '', walk.dialect.flavour) ? null : walk.database;
}
