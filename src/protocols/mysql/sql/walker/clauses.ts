import { STRING, USER_VARIABLE } from '../text/tokens.js';
import { walkExpressions, walkGroup } from './expression.js';
import { type Walk } from './walk.js';

/** One clause that follows what a query selects; false when there is none here. */
export function walkClause(walk: Walk): boolean {
  switch (walk.word()) {
    case 'order':
      walkOrder(walk);
      return true;
    case 'limit':
      walkLimit(walk);
      return true;
    case 'offset':
    case 'fetch':
      return walkFetch(walk);
    case 'into':
      return walkInto(walk);
    case 'for':
    case 'lock':
      walkLocking(walk);
      return true;
    case 'procedure':
      walkProcedure(walk);
      return true;
    default:
      return false;
  }
}

/** `ORDER BY a, b DESC` */
export function walkOrder(walk: Walk): void {
  walk.expect('order', 'by');
  walkExpressions(walk);
  if (walk.accept('with') && !walk.accept('rollup')) walk.fail('unknown word after ORDER BY');
}

/** `LIMIT 10`, `LIMIT 5, 10`, `LIMIT 10 OFFSET 5`, and MariaDB's `ROWS EXAMINED`. */
export function walkLimit(walk: Walk): void {
  walk.expect('limit');
  if (walk.queryDepth === 0) walk.facts.hasLimit = true;
  if (!walk.sees('rows', 'examined')) {
    walkCount(walk);
    if (walk.accept(',') || walk.accept('offset')) walkCount(walk);
  }
  if (walk.accept('rows', 'examined')) walkCount(walk);
}

/** MariaDB's `OFFSET 5 ROWS FETCH FIRST 10 ROWS ONLY`. */
function walkFetch(walk: Walk): boolean {
  if (walk.accept('offset')) {
    walkCount(walk);
    walk.acceptAny(['row', 'rows']);
  }
  if (!walk.accept('fetch')) return true;
  if (walk.queryDepth === 0) walk.facts.hasLimit = true;
  if (walk.acceptAny(['first', 'next']) === '') walk.fail('unknown form of FETCH');
  if (walk.acceptAny(['row', 'rows']) === '') {
    walkCount(walk);
    if (walk.acceptAny(['row', 'rows']) === '') walk.fail('unknown form of FETCH');
  }
  if (!walk.accept('only')) walk.expect('with', 'ties');
  return true;
}

/** A number, a parameter, or a routine's variable. */
function walkCount(walk: Walk): void {
  if (walk.isMark() || walk.isDone) walk.fail('no number where one belongs');
  walk.at++;
}

const FILE_WORDS = [
  'character',
  'charset',
  'fields',
  'columns',
  'terminated',
  'optionally',
  'enclosed',
  'escaped',
  'lines',
  'starting',
  'by',
];

function walkInto(walk: Walk): boolean {
  walk.at++;
  if (walk.acceptAny(['outfile', 'dumpfile']) !== '') {
    walk.facts.flag('into-file');
    walk.expectKind(STRING, 'file name');
    walkFileFormat(walk);
    return true;
  }
  walk.facts.flag('into-variable');
  do {
    if (walk.kind() === USER_VARIABLE) walk.facts.flag('user-variable');
    else if (!walk.isName()) walk.fail('no variable where one belongs');
    walk.at++;
  } while (walk.accept(','));
  return true;
}

/** `CHARACTER SET x FIELDS TERMINATED BY ',' LINES STARTING BY 'x'` */
export function walkFileFormat(walk: Walk): void {
  for (;;) {
    if (walk.accept('character', 'set') || walk.accept('charset')) walk.at++;
    else if (walk.acceptAny(FILE_WORDS) === '' && walk.kind() !== STRING) return;
    else if (walk.kind() === STRING) walk.at++;
  }
}

/** `FOR UPDATE OF t SKIP LOCKED`, `FOR SHARE NOWAIT`, `LOCK IN SHARE MODE WAIT 5` */
function walkLocking(walk: Walk): void {
  if (walk.accept('for')) {
    if (walk.acceptAny(['update', 'share']) === '') walk.fail('unknown word after FOR');
    if (walk.accept('of')) {
      do walk.dottedName();
      while (walk.accept(','));
    }
  } else {
    walk.expect('lock', 'in', 'share', 'mode');
  }
  walk.facts.flag('locking-read');
  walk.facts.flag('lock-clause');
  if (walk.accept('skip')) walk.expect('locked');
  else if (walk.accept('wait')) walkCount(walk);
  else walk.accept('nowait');
}

function walkProcedure(walk: Walk): void {
  walk.at++;
  if (walk.name().toLowerCase() !== 'analyse') walk.fail('unknown procedure of a query');
  walk.facts.flag('procedure-analyse');
  walkGroup(walk);
}
