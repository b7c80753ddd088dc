import { STRING, NUMBER, PARAMETER, USER_VARIABLE } from '../text/tokens.js';
import type { PlainCursor } from './plain-cursor.js';
import { readExpression } from './plain-expression.js';

const SIDES: ReadonlySet<string> = new Set(['left', 'right']);
const HINTS: ReadonlySet<string> = new Set(['use', 'force', 'ignore']);

/** What FROM lists. */
export function readTables(cursor: PlainCursor): void {
  cursor.list(() => readJoined(cursor));
}

function readJoined(cursor: PlainCursor): void {
  readFactor(cursor);
  while (readJoin(cursor)) {
    readFactor(cursor);
    if (cursor.accept('on')) readExpression(cursor);
    else if (cursor.accept('using')) readNames(cursor);
  }
}

/** The words of a join; false when there is none. */
function readJoin(cursor: PlainCursor): boolean {
  if (cursor.accept('join') || cursor.accept('straight_join')) return true;
  const isNatural = cursor.accept('natural');
  if (cursor.acceptAny(SIDES)) cursor.accept('outer');
  else if (!cursor.accept('inner') && !(isNatural ? false : cursor.accept('cross')) && !isNatural) return false;
  cursor.expect('join');
  return true;
}

function readNames(cursor: PlainCursor): void {
  cursor.inParentheses(() => cursor.list(() => void cursor.name()));
}

function readFactor(cursor: PlainCursor): void {
  if (cursor.word() === '(') {
    readParenthesised(cursor);
  } else if (cursor.word() === 'dual' && cursor.word(1) !== '.') {
    cursor.at += 1;
  } else if (cursor.word() === 'lateral') {
    cursor.at += 1;
    readDerived(cursor);
  } else {
    readNamed(cursor);
  }
}

function readParenthesised(cursor: PlainCursor): void {
  const word = cursor.word(1);
  if (word === 'select' || word === 'with' || word === 'values') readDerived(cursor);
  else cursor.inParentheses(() => readTables(cursor));
}

/** A query with a name, and names of its columns. */
function readDerived(cursor: PlainCursor): void {
  cursor.inParentheses(() => cursor.subQuery());
  cursor.accept('as');
  cursor.name();
  if (cursor.word() === '(') readNames(cursor);
}

function readNamed(cursor: PlainCursor): void {
  cursor.table();
  if (cursor.accept('partition')) readNames(cursor);
  if (cursor.isMariadb && cursor.accept('for', 'system_time')) readSystemTime(cursor);
  if (cursor.accept('as') || cursor.isAlias()) cursor.name();
  while (cursor.acceptAny(HINTS)) readIndexHint(cursor);
}

/** `USE INDEX FOR ORDER BY (a, b)` */
function readIndexHint(cursor: PlainCursor): void {
  if (!cursor.accept('index')) cursor.expect('key');
  if (cursor.accept('for') && !cursor.accept('join') && !cursor.accept('order', 'by')) cursor.expect('group', 'by');
  cursor.inParentheses(() => {
    if (cursor.word() === ')') return;
    cursor.list(() => {
      if (!cursor.accept('primary')) cursor.name();
    });
  });
  if (cursor.word() === ',' && HINTS.has(cursor.word(1))) cursor.at += 1;
}

/** MariaDB's `FOR SYSTEM_TIME AS OF TIMESTAMP '…'` and its like. */
function readSystemTime(cursor: PlainCursor): void {
  if (cursor.accept('all')) return;
  if (cursor.accept('as', 'of')) return readInstant(cursor);
  const isBetween = cursor.accept('between');
  if (!isBetween) cursor.expect('from');
  readInstant(cursor);
  cursor.expect(isBetween ? 'and' : 'to');
  readInstant(cursor);
}

function readInstant(cursor: PlainCursor): void {
  if (!cursor.accept('timestamp')) cursor.accept('transaction');
  if (cursor.word() === '(') cursor.inParentheses(() => readExpression(cursor));
  else cursor.expectKind(STRING, NUMBER, PARAMETER, USER_VARIABLE);
}
