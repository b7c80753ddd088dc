import { walkFileFormat } from './clauses.js';
import { walkExpressions } from './expression.js';
import { STRING, USER_VARIABLE } from '../text/tokens.js';
import { walkColumnNames, walkPartition } from './table-reference.js';
import { type Walk } from './walk.js';

const LOCK_TYPES = ['read', 'write', 'low_priority', 'local', 'concurrent'];

/** `LOCK TABLES a READ, b AS c WRITE`, `UNLOCK TABLES` */
export function walkLock(walk: Walk): void {
  const kind = walk.word();
  walk.at++;
  if (walk.acceptAny(['table', 'tables']) === '') {
    walk.facts.kind = `${kind} instance`;
    walk.facts.action = 'admin';
    walk.skipRest();
    return;
  }
  walk.facts.kind = `${kind} tables`;
  walk.facts.action = kind === 'lock' ? 'lock' : 'session';
  if (kind === 'unlock') return;
  do {
    walk.facts.table(walk.tableName(), 'lock');
    walkLockAlias(walk);
    if (walk.acceptAny(LOCK_TYPES) === '') walk.fail('unknown kind of lock');
    walk.acceptAny(LOCK_TYPES);
  } while (walk.accept(','));
  if (walk.acceptAny(['wait', 'nowait']) === 'wait') walk.at++;
}

function walkLockAlias(walk: Walk): void {
  if (walk.accept('as')) walk.name();
  else if (walk.isName() && !LOCK_TYPES.includes(walk.word())) walk.name();
}

/** LOAD DATA and LOAD XML: a file of the server, or of the client, which the broker never lets through. */
export function walkLoad(walk: Walk): void {
  walk.at++;
  walk.facts.action = 'admin';
  const kind = walk.acceptAny(['data', 'xml', 'index']);
  if (kind === '') walk.fail('unknown form of LOAD');
  walk.facts.kind = `load ${kind}`;
  if (kind === 'index') {
    walk.skipRest();
    return;
  }
  while (walk.acceptAny(['low_priority', 'concurrent', 'local']) !== '');
  walk.expect('infile');
  walk.expectKind(STRING, 'file name');
  const change = walk.acceptAny(['replace', 'ignore']);
  walk.expect('into', 'table');
  const table = walk.tableName();
  walk.facts.table(table, change === 'replace' ? 'replace' : 'insert');
  walkPartition(walk);
  walkFormat(walk);
}

function walkFormat(walk: Walk): void {
  if (walk.accept('character', 'set')) walk.at++;
  if (walk.accept('rows', 'identified', 'by')) walk.at++;
  walkFileFormat(walk);
  if (walk.accept('ignore')) walk.at += 2;
  if (walk.word() === '(') walkFields(walk);
  else walk.facts.column('*');
  if (walk.accept('set')) walkExpressions(walk);
}

/** `(a, @b, c)` */
function walkFields(walk: Walk): void {
  let behind = 1;
  let hasVariable = false;
  while (walk.word(behind) !== ')' && walk.kind(behind) !== 0) {
    hasVariable ||= walk.kind(behind) === USER_VARIABLE;
    behind++;
  }
  if (!hasVariable) {
    walkColumnNames(walk);
    return;
  }
  walk.facts.flag('user-variable');
  walk.facts.column('*');
  walk.skipGroup();
}
