import { CLAUSE_WORDS } from '../text/keywords.js';
import type { TableName } from '../../../sql/statement.js';
import { walkExpressions, walkGroup } from './expression.js';
import { END } from '../text/tokens.js';
import { isInScope } from './scope.js';
import { type Walk } from './walk.js';

/** A table named in FROM, UPDATE or USING; derived tables and common table expressions have no `table`. */
export interface TableReference {
  /** What the rest of the statement calls it. */
  readonly alias: string;
  readonly table: TableName | undefined;
  /** False where an alias hides the table's own name. */
  readonly isOwnName: boolean;
}

const JOIN_WORDS = ['join', 'inner', 'cross', 'left', 'right', 'natural', 'straight_join'];

/** Everything that FROM lists, in order. Tables are not noted in the facts: anyone who asks knows what is done with them. */
export function walkTableReferences(walk: Walk): readonly TableReference[] {
  const references: TableReference[] = [];
  walkJoined(walk, references);
  return references;
}

/** Notes all tables that are named as read. */
export function noteReads(walk: Walk, references: readonly TableReference[]): void {
  for (const { table } of references) if (table !== undefined) walk.facts.table(table, 'read');
}

function walkJoined(walk: Walk, into: TableReference[]): void {
  walkFactor(walk, into);
  walkMoreJoined(walk, into);
}

function walkMoreJoined(walk: Walk, into: TableReference[]): void {
  for (;;) {
    if (walk.accept(',')) walkFactor(walk, into);
    else if (JOIN_WORDS.includes(walk.word())) walkJoin(walk, into);
    else if (walk.word() === 'on' && walk.word(1) !== 'duplicate') walkCondition(walk);
    else if (walk.accept('using')) walkColumnNames(walk);
    else return;
  }
}

function walkJoin(walk: Walk, into: TableReference[]): void {
  // Which columns a natural join compares, the text does not say.
  if (walk.accept('natural')) walk.facts.column('*');
  walk.acceptAny(['inner', 'cross', 'left', 'right']);
  walk.accept('outer');
  if (walk.acceptAny(['join', 'straight_join']) === '') walk.fail('no "join" where it belongs');
  walkFactor(walk, into);
}

function walkCondition(walk: Walk): void {
  walk.at++;
  walkExpressions(walk, { oneOnly: true });
}

/** `(a, b)` */
export function walkColumnNames(walk: Walk): void {
  walk.expect('(');
  do {
    walk.facts.column(walk.dottedName().at(-1) ?? '');
  } while (walk.accept(','));
  walk.expect(')');
}

function walkFactor(walk: Walk, into: TableReference[]): void {
  if (walk.word() === '(') {
    if (walkParenthesised(walk, into) === 'query') into.push(derived(walkAlias(walk)));
    return;
  }
  if (walk.accept('{')) {
    if (walk.name().toLowerCase() !== 'oj') walk.fail('unknown join in braces');
    walkJoined(walk, into);
    walk.expect('}');
    return;
  }
  if (walk.word() === 'lateral' && walk.word(1) === '(') {
    walk.at++;
    walkGroup(walk);
    into.push(derived(walkAlias(walk)));
    return;
  }
  if (walk.word() === 'json_table' && walk.word(1) === '(') {
    walkJsonTable(walk);
    into.push(derived(walkAlias(walk)));
    return;
  }
  into.push(walkNamed(walk));
}

function derived(alias: string | undefined): TableReference {
  return { alias: alias ?? '', table: undefined, isOwnName: false };
}

/** `(a JOIN b)`, `(SELECT …)`, `((SELECT …) UNION (SELECT …))`, `((SELECT …) x JOIN b)`. */
function walkParenthesised(walk: Walk, into: TableReference[]): 'query' | 'tables' {
  walk.expect('(');
  let found: 'query' | 'tables' = 'tables';
  walk.nested(() => {
    if (['select', 'with', 'table', 'values'].includes(walk.word())) {
      walk.nestedQuery(() => walk.walkers.query(walk));
      found = 'query';
    } else if (walk.word() === '(' && walkParenthesised(walk, into) === 'query') {
      found = walkBehindQuery(walk, into);
    } else {
      if (walk.word(-1) === '(') walkFactor(walk, into);
      walkMoreJoined(walk, into);
    }
  });
  walk.expect(')');
  return found;
}

/** What follows a query in parentheses inside of others: more of the query, or its alias and joins. */
function walkBehindQuery(walk: Walk, into: TableReference[]): 'query' | 'tables' {
  if (walk.word() === ')') return 'query';
  if (['union', 'intersect', 'except', 'order', 'limit'].includes(walk.word())) {
    walk.nestedQuery(() => walk.walkers.setOperations(walk));
    return 'query';
  }
  into.push(derived(walkAlias(walk)));
  walkMoreJoined(walk, into);
  return 'tables';
}

/** The alias of a derived table, with the names of its columns; undefined when there is none. */
function walkAlias(walk: Walk): string | undefined {
  const alias = walkTableAlias(walk);
  if (alias !== undefined && walk.word() === '(') walk.skipGroup();
  return alias;
}

/** `[AS] alias`. A word that begins a clause is no alias. */
export function walkTableAlias(walk: Walk): string | undefined {
  if (walk.accept('as')) return walk.name();
  if (!walk.isName()) return undefined;
  const word = walk.word();
  if (word === 'returning' && !walk.isMariadb) return walk.name();
  if (word === 'offset' && !walk.isName(1) && walk.kind(1) !== END && !walk.isMark(1)) return undefined;
  return CLAUSE_WORDS.has(word) ? undefined : walk.name();
}

/** `JSON_TABLE(document, '$[*]' COLUMNS (…))` */
function walkJsonTable(walk: Walk): void {
  walk.at += 2;
  walk.facts.function('json_table');
  walkExpressions(walk, { oneOnly: true });
  walk.expect(',');
  walk.at++;
  walk.expect('columns');
  walk.skipGroup();
  walk.expect(')');
}

function walkNamed(walk: Walk): TableReference {
  const isDual = walk.word() === 'dual' && walk.word(1) !== '.';
  const isBare = walk.word(1) !== '.';
  const table = walk.tableName();
  walkPartition(walk);
  if (walk.accept('for', 'system_time')) walkSystemTime(walk);
  const alias = walkTableAlias(walk);
  walkIndexHints(walk);
  const isReal = !isDual && !(isBare && isInScope(walk.scope, table.table));
  return { alias: alias ?? table.table, table: isReal ? table : undefined, isOwnName: alias === undefined };
}

/** `PARTITION (p0, p1)` */
export function walkPartition(walk: Walk): void {
  if (walk.accept('partition')) walk.skipGroup();
}

/** `FOR SYSTEM_TIME ALL`, `AS OF …`, `BETWEEN … AND …`, `FROM … TO …` of MariaDB: literals and simple calls only. */
function walkSystemTime(walk: Walk): void {
  if (walk.accept('all')) return;
  if (walk.accept('as', 'of')) {
    walkInstant(walk);
    return;
  }
  const between = walk.acceptAny(['between', 'from']);
  if (between === '') walk.fail('unknown form of FOR SYSTEM_TIME');
  walkInstant(walk);
  walk.expect(between === 'from' ? 'to' : 'and');
  walkInstant(walk);
}

/** A literal, a name, or an expression in parentheses: what else may stand there is not understood. */
export function walkInstant(walk: Walk): void {
  walk.acceptAny(['timestamp', 'transaction']);
  if (walk.word() === '(') {
    walkGroup(walk);
    return;
  }
  if (walk.isMark() || walk.isDone) walk.fail('unknown point in time');
  walk.at++;
  if (walk.word() === '(') walk.fail('call in FOR SYSTEM_TIME');
}

/** `USE INDEX FOR JOIN (a, b), IGNORE KEY (c)` */
function walkIndexHints(walk: Walk): void {
  while (walk.acceptAny(['use', 'force', 'ignore']) !== '') {
    if (walk.acceptAny(['index', 'key']) === '') walk.fail('unknown index hint');
    if (walk.accept('for') && !walk.accept('join') && !walk.accept('order', 'by')) walk.expect('group', 'by');
    walk.skipGroup();
    if (walk.word() === ',' && ['use', 'force', 'ignore'].includes(walk.word(1))) walk.at++;
  }
}
