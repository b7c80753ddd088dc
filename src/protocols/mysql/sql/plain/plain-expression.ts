import { isGeometryCall } from '../functions/geometry.js';
import { isHarmlessFunction, isSpaceSensitive } from '../functions/known.js';
import { NILADIC_FUNCTIONS, UNITS } from '../text/keywords.js';
import {
  HEX,
  MARK,
  NO_GAP,
  NULL_SIGN,
  NUMBER,
  PARAMETER,
  STRING,
  SYSTEM_SIGN,
  USER_VARIABLE,
  WORD,
} from '../text/tokens.js';
import { readArguments } from './plain-arguments.js';
import type { PlainCursor } from './plain-cursor.js';

const OPERATOR_MARKS: ReadonlySet<string> = new Set('= <=> < > <= >= <> != + - * / % & | ^ << >> && ||'.split(' '));
const OPERATOR_WORDS: ReadonlySet<string> = new Set(['and', 'or', 'xor', 'div', 'mod', 'like', 'rlike', 'regexp']);
const PREFIXES: ReadonlySet<string> = new Set(['not', '!', '-', '+', '~', 'binary']);
const LITERAL_WORDS: ReadonlySet<string> = new Set(['null', 'true', 'false']);
const TRUTHS: ReadonlySet<string> = new Set([...LITERAL_WORDS, 'unknown']);
const QUANTIFIERS: ReadonlySet<string> = new Set(['any', 'all', 'some']);
const QUERY_WORDS: ReadonlySet<string> = new Set(['select', 'with', 'values']);
const TIME_LITERALS: ReadonlySet<string> = new Set(['date', 'time', 'timestamp']);

/** Reserved, and functions where a parenthesis follows at once. */
const CALLED_WORDS: ReadonlySet<string> = new Set(
  `char convert database first_value if insert interval lag last_value lead left mod nth_value ntile cume_dist
  dense_rank percent_rank rank row_number repeat replace right schema truncate grouping`.split(/\s+/),
);

/**
 * One expression, of operands with operators between them. Which of them a server joins first says nothing about what
 * is read and called, so it is not asked; whatever does not belong to it is left for the one who called.
 */
export function readExpression(cursor: PlainCursor): void {
  cursor.nested(() => {
    readOperand(cursor);
    while (readOperator(cursor));
  });
}

/** What follows an operand, with the operand after it; false when the expression ends here. */
function readOperator(cursor: PlainCursor): boolean {
  const word = cursor.word();
  if (word === '') return false;
  if (cursor.kind() === MARK) {
    if (word === '->' || word === '->>') return readPath(cursor);
    if (!OPERATOR_MARKS.has(word)) return false;
    cursor.at += 1;
    readCompared(cursor);
    return true;
  }
  if (OPERATOR_WORDS.has(word)) {
    cursor.at += 1;
    readOperand(cursor);
    if (word === 'like' && cursor.accept('escape')) readOperand(cursor);
    return true;
  }
  if (cursor.accept('is')) {
    cursor.accept('not');
    if (!cursor.acceptAny(TRUTHS)) cursor.fail();
    return true;
  }
  if (word === 'not' && ['like', 'rlike', 'regexp', 'in', 'between'].includes(cursor.word(1))) {
    cursor.at += 1;
    return readOperator(cursor);
  }
  if (cursor.accept('in')) {
    readGroup(cursor);
    return true;
  }
  // The AND of it is read as any other.
  if (cursor.accept('between') || cursor.accept('sounds', 'like')) {
    readOperand(cursor);
    return true;
  }
  if (cursor.accept('collate')) {
    readCharacterSet(cursor);
    return true;
  }
  if (!cursor.isMariadb && cursor.accept('member', 'of')) {
    readGroup(cursor);
    return true;
  }
  return false;
}

/** MySQL's `document->'$.path'` */
function readPath(cursor: PlainCursor): boolean {
  if (cursor.isMariadb) cursor.fail();
  cursor.at += 1;
  cursor.expectKind(STRING);
  return true;
}

/** `> ALL (SELECT …)` */
function readCompared(cursor: PlainCursor): void {
  if (QUANTIFIERS.has(cursor.word()) && cursor.word(1) === '(') {
    cursor.at += 1;
    cursor.inParentheses(() => cursor.subQuery());
  } else {
    readOperand(cursor);
  }
}

/** A character set or a collation. `binary` is reserved, and one of each. */
export function readCharacterSet(cursor: PlainCursor): void {
  if (cursor.kind() === STRING || cursor.word() === 'binary' || cursor.word() === 'ascii') cursor.at += 1;
  else cursor.name();
}

/** A query, or one or more expressions, in parentheses. */
export function readGroup(cursor: PlainCursor): void {
  cursor.inParentheses(() => {
    if (QUERY_WORDS.has(cursor.word())) cursor.subQuery();
    else cursor.list(() => readExpression(cursor));
  });
}

function readOperand(cursor: PlainCursor): void {
  while (cursor.acceptAny(PREFIXES));
  switch (cursor.kind()) {
    case STRING:
      do cursor.at += 1;
      while (cursor.kind() === STRING); // texts side by side are one
      return;
    case NUMBER:
    case HEX:
    case NULL_SIGN:
    case PARAMETER:
    case USER_VARIABLE:
      cursor.at += 1;
      return;
    case SYSTEM_SIGN:
      return readSystemVariable(cursor);
    case MARK:
      if (cursor.word() !== '(') cursor.fail();
      return readGroup(cursor);
    case WORD:
      return readWord(cursor, cursor.word());
    default:
      return readColumn(cursor);
  }
}

function readSystemVariable(cursor: PlainCursor): void {
  cursor.at += 1;
  cursor.name();
  if (cursor.accept('.')) cursor.name();
}

function readWord(cursor: PlainCursor, word: string): void {
  if (cursor.acceptAny(LITERAL_WORDS)) return;
  if (cursor.accept('exists')) return cursor.inParentheses(() => cursor.subQuery());
  if (cursor.accept('case')) return readCase(cursor);
  if (cursor.accept('row')) return readGroup(cursor);
  if (cursor.accept('match')) return readMatch(cursor);
  if (word === 'interval') return readInterval(cursor);
  if (word === 'default') return readDefault(cursor);
  if (NILADIC_FUNCTIONS.has(word)) return readNiladic(cursor, word);
  if (cursor.kind(1) === STRING && (TIME_LITERALS.has(word) || word.startsWith('_'))) {
    cursor.at += 2;
    return;
  }
  if (cursor.kind(1) === HEX && word.startsWith('_')) {
    cursor.at += 2;
    return;
  }
  if (cursor.word(1) === '(') return readCall(cursor, word);
  readColumn(cursor);
}

/** `a`, `t.a`, `d.t.a` */
function readColumn(cursor: PlainCursor): void {
  cursor.name();
  if (cursor.accept('.')) cursor.name();
  if (cursor.accept('.')) cursor.name();
  if (cursor.word() === '(') cursor.fail();
  cursor.columns += 1;
}

/** A built-in function that does no harm, its parenthesis directly after it where that matters: no stored one. */
function readCall(cursor: PlainCursor, word: string): void {
  const isCalled = CALLED_WORDS.has(word) || cursor.isName();
  const isAtOnce = cursor.tokens.gap(cursor.at + 1) === NO_GAP || !isSpaceSensitive(word);
  const isHarmless =
    isHarmlessFunction(cursor.tokens.source(cursor.at), cursor.dialect) ||
    isGeometryCall(word, cursor.tokens, cursor.at + 1, cursor.dialect);
  if (!isCalled || !isAtOnce || !isHarmless) cursor.fail();
  cursor.functions.add(word);
  cursor.at += 1;
  cursor.inParentheses(() => readArguments(cursor, word, readExpression));
  if (cursor.accept('over')) readOver(cursor);
}

function readNiladic(cursor: PlainCursor, word: string): void {
  cursor.functions.add(word);
  cursor.at += 1;
  if (cursor.word() !== '(') return;
  cursor.inParentheses(() => {
    if (cursor.word() !== ')') cursor.expectKind(NUMBER);
  });
}

/** `DEFAULT(t.a)`, a call to what the catalog says the column's default is. */
function readDefault(cursor: PlainCursor): void {
  cursor.at += 1;
  cursor.functions.add('default');
  cursor.inParentheses(() => readColumn(cursor));
}

function readCase(cursor: PlainCursor): void {
  if (cursor.word() !== 'when') readExpression(cursor);
  do {
    cursor.expect('when');
    readExpression(cursor);
    cursor.expect('then');
    readExpression(cursor);
  } while (cursor.word() === 'when');
  if (cursor.accept('else')) readExpression(cursor);
  cursor.expect('end');
}

/** `INTERVAL 1 DAY`, and the function `INTERVAL(a, b, c)`. */
function readInterval(cursor: PlainCursor): void {
  const isGroup = cursor.word(1) === '(';
  cursor.at += 1;
  readExpression(cursor);
  if (cursor.acceptAny(UNITS)) return;
  if (!isGroup) cursor.fail();
}

const MATCH_MODES: readonly (readonly string[])[] = [
  ['in', 'natural', 'language', 'mode', 'with', 'query', 'expansion'],
  ['in', 'natural', 'language', 'mode'],
  ['in', 'boolean', 'mode'],
  ['with', 'query', 'expansion'],
];

/** `MATCH (a, b) AGAINST ('text' IN BOOLEAN MODE)` */
function readMatch(cursor: PlainCursor): void {
  const hasParentheses = cursor.accept('(');
  cursor.list(() => readColumn(cursor));
  if (hasParentheses) cursor.expect(')');
  cursor.expect('against');
  cursor.inParentheses(() => {
    readOperand(cursor);
    MATCH_MODES.some((words) => cursor.accept(...words));
  });
}

function readOver(cursor: PlainCursor): void {
  if (cursor.word() === '(') readWindow(cursor);
  else cursor.name();
}

/** `(w PARTITION BY a ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)` */
export function readWindow(cursor: PlainCursor): void {
  cursor.inParentheses(() => {
    if (cursor.isName()) cursor.name();
    if (cursor.accept('partition', 'by')) cursor.list(() => readExpression(cursor));
    if (cursor.accept('order', 'by')) readOrdered(cursor);
    if (!cursor.accept('rows') && !cursor.accept('range')) return;
    const isRange = cursor.accept('between');
    readBound(cursor);
    if (!isRange) return;
    cursor.expect('and');
    readBound(cursor);
  });
}

function readBound(cursor: PlainCursor): void {
  if (cursor.accept('current', 'row')) return;
  if (!cursor.accept('unbounded')) readOperand(cursor);
  if (!cursor.accept('preceding')) cursor.expect('following');
}

/** What follows ORDER BY and GROUP BY. */
export function readOrdered(cursor: PlainCursor): void {
  cursor.list(() => {
    readExpression(cursor);
    if (!cursor.accept('asc')) cursor.accept('desc');
  });
}
