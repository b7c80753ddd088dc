import { UNITS } from '../text/keywords.js';
import { NUMBER, PARAMETER, STRING } from '../text/tokens.js';
import type { PlainCursor } from './plain-cursor.js';

type ReadExpression = (cursor: PlainCursor) => void;

/** What stands in the parentheses of a call: expressions, or what the function has of a grammar of its own. */
export function readArguments(cursor: PlainCursor, name: string, readExpression: ReadExpression): void {
  const special = SPECIAL.get(name);
  if (special !== undefined) return special(cursor, readExpression);
  if (cursor.word() === ')') return;
  if (name === 'count' && cursor.accept('*')) return;
  if (!cursor.accept('distinct')) cursor.accept('all');
  cursor.list(() => readExpression(cursor));
}

const SIDES: ReadonlySet<string> = new Set(['both', 'leading', 'trailing']);

const SPECIAL: ReadonlyMap<string, (cursor: PlainCursor, readExpression: ReadExpression) => void> = new Map([
  ['cast', readCast],
  ['convert', readConvert],
  ['char', readCharacters],
  ['weight_string', readTyped],
  ['column_get', readTyped],
  ['extract', readExtract],
  ['trim', readTrim],
  ['substring', readCut],
  ['substr', readCut],
  ['mid', readCut],
  ['group_concat', readList],
  ['json_arrayagg', readList],
  ['timestampdiff', readUnitFirst],
  ['timestampadd', readUnitFirst],
  ['get_format', readFormat],
  // Grammars of their own that nobody writes in a plain read.
  ['position', leave],
  ['json_value', leave],
  ['json_query', leave],
  ['json_table', leave],
  ['values', leave],
]);

function leave(cursor: PlainCursor): void {
  cursor.fail();
}

function readCast(cursor: PlainCursor, readExpression: ReadExpression): void {
  readExpression(cursor);
  cursor.expect('as');
  readType(cursor);
}

function readConvert(cursor: PlainCursor, readExpression: ReadExpression): void {
  readExpression(cursor);
  if (cursor.accept('using')) return readSet(cursor);
  cursor.expect(',');
  readType(cursor);
}

/** `CHAR(77, 121 USING utf8mb4)` */
function readCharacters(cursor: PlainCursor, readExpression: ReadExpression): void {
  cursor.list(() => readExpression(cursor));
  if (cursor.accept('using')) readSet(cursor);
}

/** `WEIGHT_STRING(a AS CHAR(3))`, `COLUMN_GET(a, 'name' AS INT)` */
function readTyped(cursor: PlainCursor, readExpression: ReadExpression): void {
  cursor.list(() => readExpression(cursor));
  if (cursor.accept('as')) readType(cursor);
}

function readSet(cursor: PlainCursor): void {
  if (cursor.word() === 'binary' || cursor.kind() === STRING) cursor.at += 1;
  else cursor.name();
}

/** `EXTRACT(YEAR_MONTH FROM a)` */
function readExtract(cursor: PlainCursor, readExpression: ReadExpression): void {
  if (!cursor.acceptAny(UNITS)) cursor.fail();
  cursor.expect('from');
  readExpression(cursor);
}

/** `TRIM(a)`, `TRIM(LEADING 'x' FROM a)`, `TRIM(BOTH FROM a)`, `TRIM('x' FROM a)` */
function readTrim(cursor: PlainCursor, readExpression: ReadExpression): void {
  const isSided = cursor.acceptAny(SIDES);
  if (!(isSided && cursor.word() === 'from')) readExpression(cursor);
  if (cursor.accept('from')) readExpression(cursor);
  else if (isSided) cursor.fail();
}

/** `SUBSTRING(a, 1, 2)`, `SUBSTRING(a FROM 1 FOR 2)` */
function readCut(cursor: PlainCursor, readExpression: ReadExpression): void {
  readExpression(cursor);
  if (cursor.accept('from')) {
    readExpression(cursor);
    if (cursor.accept('for')) readExpression(cursor);
    return;
  }
  while (cursor.accept(',')) readExpression(cursor);
}

/** `GROUP_CONCAT(DISTINCT a ORDER BY b DESC SEPARATOR ', ' LIMIT 3)` */
function readList(cursor: PlainCursor, readExpression: ReadExpression): void {
  cursor.accept('distinct');
  cursor.list(() => readExpression(cursor));
  if (cursor.accept('order', 'by')) {
    cursor.list(() => {
      readExpression(cursor);
      if (!cursor.accept('asc')) cursor.accept('desc');
    });
  }
  if (cursor.accept('separator')) cursor.expectKind(STRING);
  if (!cursor.isMariadb || !cursor.accept('limit')) return;
  cursor.expectKind(NUMBER, PARAMETER);
  if (cursor.accept(',') || cursor.accept('offset')) cursor.expectKind(NUMBER, PARAMETER);
}

function readUnitFirst(cursor: PlainCursor, readExpression: ReadExpression): void {
  if (!cursor.acceptAny(UNITS)) cursor.fail();
  cursor.expect(',');
  readExpression(cursor);
  cursor.expect(',');
  readExpression(cursor);
}

const FORMATS: ReadonlySet<string> = new Set(['date', 'time', 'datetime', 'timestamp']);

function readFormat(cursor: PlainCursor, readExpression: ReadExpression): void {
  if (!cursor.acceptAny(FORMATS)) cursor.fail();
  cursor.expect(',');
  readExpression(cursor);
}

const TYPES: ReadonlySet<string> = new Set(
  `binary char character nchar varchar date datetime time year decimal dec numeric float double real signed unsigned
  int integer json`.split(/\s+/),
);
/** Character sets by a word of their own: `CHAR(50) UNICODE` */
const SET_WORDS: ReadonlySet<string> = new Set(['unicode', 'ascii', 'byte']);
const TEXT_TYPES: ReadonlySet<string> = new Set(['char', 'character', 'nchar', 'varchar']);

/** `UNSIGNED INTEGER`, `DECIMAL(10, 2)`, `CHAR(10) CHARACTER SET utf8mb4` */
function readType(cursor: PlainCursor): void {
  const type = cursor.word();
  if (!cursor.acceptAny(TYPES)) cursor.fail();
  if (type === 'double') cursor.accept('precision');
  if ((type === 'signed' || type === 'unsigned') && !cursor.accept('integer')) cursor.accept('int');
  if (cursor.word() === '(') cursor.inParentheses(() => cursor.list(() => cursor.expectKind(NUMBER)));
  if (!TEXT_TYPES.has(type)) return;
  if (cursor.acceptAny(SET_WORDS)) return;
  if (cursor.accept('character', 'set') || cursor.accept('char', 'set') || cursor.accept('charset')) readSet(cursor);
  if (cursor.accept('collate') && !cursor.accept('default')) readSet(cursor);
}
