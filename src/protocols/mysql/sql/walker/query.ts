import { SELECT_OPTIONS } from '../text/keywords.js';
import { whereForm } from './where-form.js';
import { WINDOW_WORDS } from './argument-words.js';
import { walkClause } from './clauses.js';
import { walkExpressions, walkGroup } from './expression.js';
import { walkWith } from './common-table.js';
import { noteReads, walkTableReferences } from './table-reference.js';
import { type Walk } from './walk.js';

const SET_OPERATIONS = ['union', 'intersect', 'except'];

/** A whole query: WITH, what it puts together, and what orders, limits, stores or locks the result. */
export function walkQuery(walk: Walk): void {
  const scope = walk.scope;
  walk.nested(() => {
    if (walk.word() === 'with') walkWith(walk);
    walkTerm(walk);
    walkSetOperations(walk);
  });
  walk.scope = scope;
}

/** UNION and its like with the queries after them, and the clauses at the end. */
export function walkSetOperations(walk: Walk): void {
  walkResultClauses(walk);
  while (walk.acceptAny(SET_OPERATIONS) !== '') {
    walk.acceptAny(['all', 'distinct']);
    walkTerm(walk);
    walkResultClauses(walk);
  }
}

function walkTerm(walk: Walk): void {
  if (walk.accept('(')) {
    walkQuery(walk);
    walk.expect(')');
  } else if (walk.accept('select')) {
    walkSelect(walk);
  } else if (walk.accept('table')) {
    walk.facts.table(walk.tableName(), 'read');
    walk.facts.column('*');
    noteWhere(walk, -1);
  } else if (walk.accept('values')) {
    walkRows(walk);
  } else {
    walk.fail('no query where one belongs');
  }
}

/** `(1, 2), (3, 4)` and `ROW(1, 2), ROW(3, 4)` */
export function walkRows(walk: Walk): void {
  do {
    walk.accept('row');
    walkGroup(walk);
  } while (walk.accept(','));
}

function walkSelect(walk: Walk): void {
  for (let word = walk.word(); SELECT_OPTIONS.has(word); word = walk.word()) {
    if (walk.word(1) === '.' || walk.word(1) === '(') break;
    walk.at++;
  }
  walkExpressions(walk);
  walkResultClauses(walk); // INTO may stand here
  if (walk.accept('from')) noteReads(walk, walkTableReferences(walk));
  walkSelectWhere(walk);
  if (walk.accept('group', 'by')) {
    walkExpressions(walk);
    if (walk.accept('with') && !walk.accept('rollup')) walk.fail('unknown word after GROUP BY');
  }
  if (walk.accept('having')) walkExpressions(walk);
  if (walk.accept('window')) walkWindows(walk);
  if (!walk.isMariadb && walk.accept('qualify')) walkExpressions(walk);
}

function walkSelectWhere(walk: Walk): void {
  noteWhere(walk, walkWhere(walk));
}

/** Steps over WHERE and its condition; gives the index of the condition's first token, −1 when there is none. */
export function walkWhere(walk: Walk): number {
  if (!walk.accept('where')) return -1;
  const first = walk.at;
  walkExpressions(walk, { oneOnly: true });
  if (walk.at === first) walk.fail('WHERE without a condition');
  return first;
}

/** Notes the condition that begins at `first` and ends here; only what stands at depth 0 counts. */
export function noteWhere(walk: Walk, first: number): void {
  if (walk.queryDepth > 0) return;
  walk.facts.where(first < 0 ? 'none' : whereForm(walk.tokens, first, walk.at));
}

function walkWindows(walk: Walk): void {
  do {
    walk.name();
    walk.expect('as');
    walkWindow(walk);
  } while (walk.accept(','));
}

function walkWindow(walk: Walk): void {
  walkGroup(walk, WINDOW_WORDS);
}

/** ORDER BY, LIMIT, INTO, PROCEDURE and locks, in the order in which they come. */
export function walkResultClauses(walk: Walk): void {
  while (walkClause(walk));
}
