import { SELECT_OPTIONS } from '../text/keywords.js';
import { NUMBER, PARAMETER, STRING } from '../text/tokens.js';
import type { PlainCursor } from './plain-cursor.js';
import { readExpression, readGroup, readOrdered, readWindow } from './plain-expression.js';
import { readTables } from './plain-tables.js';
import { RESERVED_WORDS } from './reserved-words.js';

const SET_OPERATIONS: ReadonlySet<string> = new Set(['union', 'except', 'intersect']);
const ROW_WORDS: ReadonlySet<string> = new Set(['row', 'rows']);

/** Whether the query is a single SELECT, and whether it has a WHERE and that one names a column. */
export type PlainWhere = 'none' | 'constant' | 'column' | null;

/** A whole query with its WITH, and what orders and limits the result. Gives the WHERE of a single SELECT. */
export function readQuery(cursor: PlainCursor): PlainWhere {
  if (cursor.word() === 'with') readWith(cursor);
  let where = readTerm(cursor);
  while (cursor.acceptAny(SET_OPERATIONS)) {
    if (!cursor.accept('all')) cursor.accept('distinct');
    readTerm(cursor);
    where = null;
  }
  if (cursor.accept('order', 'by')) {
    readOrdered(cursor);
    readRollup(cursor);
  }
  readLimit(cursor);
  return where;
}

function readWith(cursor: PlainCursor): void {
  cursor.expect('with');
  const isRecursive = cursor.accept('recursive');
  cursor.list(() => {
    const name = cursor.name();
    if (cursor.word() === '(') cursor.inParentheses(() => cursor.list(() => void cursor.name()));
    cursor.expect('as');
    if (isRecursive) cursor.nameExpression(name);
    cursor.inParentheses(() => cursor.subQuery());
    if (cursor.isMariadb && cursor.accept('cycle')) {
      cursor.list(() => void cursor.name());
      cursor.expect('restrict');
    }
    if (!isRecursive) cursor.nameExpression(name);
  });
}

function readTerm(cursor: PlainCursor): PlainWhere {
  if (cursor.accept('select')) return readSelect(cursor);
  if (cursor.accept('values')) {
    readRows(cursor);
    return null;
  }
  if (!cursor.isMariadb && cursor.accept('table')) {
    cursor.table();
    return 'none';
  }
  let where: PlainWhere = null;
  cursor.inParentheses(() => {
    where = readQuery(cursor);
  });
  return where;
}

/** `VALUES (1, 2), (3, 4)` of MariaDB, `VALUES ROW(1, 2), ROW(3, 4)` of MySQL. */
function readRows(cursor: PlainCursor): void {
  cursor.list(() => {
    if (!cursor.isMariadb) cursor.expect('row');
    readGroup(cursor);
  });
}

function readSelect(cursor: PlainCursor): PlainWhere {
  while (acceptOption(cursor));
  cursor.list(() => readItem(cursor));
  if (cursor.accept('from')) readTables(cursor);
  const where = readWhere(cursor);
  if (cursor.accept('group', 'by')) {
    readOrdered(cursor);
    readRollup(cursor);
  }
  if (cursor.accept('having')) readExpression(cursor);
  if (cursor.accept('window')) {
    cursor.list(() => {
      cursor.name();
      cursor.expect('as');
      readWindow(cursor);
    });
  }
  return where;
}

/** Those that are reserved are nothing else; the others are names too, and MySQL has forgotten one of them. */
function acceptOption(cursor: PlainCursor): boolean {
  const word = cursor.word();
  if (!SELECT_OPTIONS.has(word)) return false;
  if (!RESERVED_WORDS.has(word)) {
    const mayBeName = cursor.isMark(1) && cursor.word(1) !== '*';
    if (mayBeName || (word === 'sql_cache' && !cursor.isMariadb)) return false;
  }
  cursor.at += 1;
  return true;
}

function readRollup(cursor: PlainCursor): void {
  if (cursor.word() === 'with') cursor.expect('with', 'rollup');
}

function readWhere(cursor: PlainCursor): PlainWhere {
  if (!cursor.accept('where')) return 'none';
  const { columns } = cursor;
  readExpression(cursor);
  return cursor.columns > columns ? 'column' : 'constant';
}

/** `*`, `t.*`, or an expression with its alias. */
function readItem(cursor: PlainCursor): void {
  if (cursor.accept('*') || acceptTableStar(cursor)) return;
  readExpression(cursor);
  if (cursor.accept('as')) {
    if (cursor.kind() === STRING) cursor.at += 1;
    else cursor.name();
  } else if (cursor.kind() === STRING) {
    cursor.at += 1;
  } else if (cursor.isAlias()) {
    cursor.name();
  }
}

function acceptTableStar(cursor: PlainCursor): boolean {
  if (!cursor.isName() || cursor.word(1) !== '.') return false;
  const isLong = cursor.isName(2) && cursor.word(3) === '.';
  const star = isLong ? 4 : 2;
  if (cursor.word(star) !== '*') return false;
  cursor.at += star + 1;
  return true;
}

/** `LIMIT 10 OFFSET 5`, and MariaDB's `ROWS EXAMINED` and `OFFSET 5 ROWS FETCH FIRST 10 ROWS ONLY`. */
function readLimit(cursor: PlainCursor): void {
  if (cursor.accept('limit')) {
    const isCounted = cursor.word() !== 'rows';
    if (isCounted) {
      readCount(cursor);
      if (cursor.accept(',') || cursor.accept('offset')) readCount(cursor);
    }
    if (cursor.isMariadb && cursor.accept('rows', 'examined')) readCount(cursor);
    else if (!isCounted) cursor.fail();
    return;
  }
  if (!cursor.isMariadb) return;
  if (cursor.accept('offset')) {
    readCount(cursor);
    cursor.acceptAny(ROW_WORDS);
  }
  if (!cursor.accept('fetch')) return;
  if (!cursor.accept('first')) cursor.expect('next');
  if (!ROW_WORDS.has(cursor.word())) readCount(cursor);
  if (!cursor.acceptAny(ROW_WORDS)) cursor.fail();
  if (!cursor.accept('only')) cursor.expect('with', 'ties');
}

function readCount(cursor: PlainCursor): void {
  cursor.expectKind(NUMBER, PARAMETER);
}
