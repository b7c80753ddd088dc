import type { WhereForm } from '../../../sql/statement.js';

/** What a second parser understood of a text, in the words of `StatementFacts`; it never makes a verdict milder. */
export interface OpinionView {
  readonly statements: number;
  /** `select`, `insert`, `update`, `delete` or `replace`; `other` for what it has no part in judging. */
  readonly kind: OpinionKind;
  /** That of an UPDATE, a DELETE or a SELECT that is not put together with others; null where it says nothing. */
  readonly where: WhereForm | null;
  readonly tables: readonly OpinionTable[];
}

export type OpinionKind = 'select' | 'insert' | 'update' | 'delete' | 'replace' | 'other';

export interface OpinionTable {
  /** Null: the text names none. */
  readonly database: string | null;
  readonly table: string;
  readonly isWritten: boolean;
}

/** Sums up the tree of `@guanmingchiu/sqlparser-ts` (that of datafusion-sqlparser-rs as JSON) for one text. */
export function viewOf(tree: readonly unknown[]): OpinionView {
  const first = statementIn(tree[0]);
  return {
    statements: tree.length,
    kind: first.kind,
    where: whereOf(first),
    tables: tree.flatMap((statement) => tablesOf(statement)),
  };
}

type Fields = Readonly<Record<string, unknown>>;
type Scope = ReadonlySet<string>;

interface Statement {
  readonly kind: OpinionKind;
  /** The node that has the statement's own clauses; undefined where there is no single one. */
  readonly node: Fields | undefined;
}

const OTHER: Statement = { kind: 'other', node: undefined };

/** The statement itself, after WITH, EXPLAIN and parentheses: `WITH … DELETE` is a query whose body is a DELETE. */
function statementIn(wrapped: unknown): Statement {
  if (!isFields(wrapped)) return OTHER;
  if (isFields(wrapped['Explain'])) return statementIn(wrapped['Explain']['statement']);
  const { Query: query, Insert: insert, Update: update, Delete: deletion } = wrapped;
  if (isFields(insert)) return { kind: insert['replace_into'] === true ? 'replace' : 'insert', node: insert };
  if (isFields(update)) return { kind: 'update', node: update };
  if (isFields(deletion)) return { kind: 'delete', node: deletion };
  return isFields(query) ? queryIn(query['body']) : OTHER;
}

function queryIn(body: unknown): Statement {
  if (!isFields(body)) return OTHER;
  for (const wrapped of [body['Insert'], body['Update'], body['Delete']]) {
    if (wrapped !== undefined) return statementIn(wrapped);
  }
  if (isFields(body['Select'])) return { kind: 'select', node: body['Select'] };
  if (isFields(body['Query'])) return queryIn(body['Query']['body']);
  return isFields(body['SetOperation']) || isFields(body['Values']) ? { kind: 'select', node: undefined } : OTHER;
}

function whereOf({ kind, node }: Statement): WhereForm | null {
  if (node === undefined || kind === 'insert' || kind === 'replace') return null;
  const condition = node['selection'];
  if (condition === undefined || condition === null) return 'none';
  return namesColumn(condition) ? 'column' : 'constant';
}

/** Whether an identifier stands in the condition outside of sub-queries; variables are no columns. */
function namesColumn(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(namesColumn);
  if (!isFields(node)) return false;
  return Object.entries(node).some(([name, value]) => {
    if (name === 'Identifier') return isColumn(value);
    if (name === 'CompoundIdentifier') return isColumn(Array.isArray(value) ? value[0] : undefined);
    // A function's own name is made of identifiers too.
    if (name === 'body' || name === 'with' || name === 'name') return false;
    return namesColumn(value);
  });
}

function isColumn(identifier: unknown): boolean {
  const name = nameIn(identifier);
  return name !== undefined && !name.startsWith('@');
}

function tablesOf(statement: unknown): readonly OpinionTable[] {
  const found: OpinionTable[] = [];
  collect(statement, new Set(), found);
  return found;
}

/** Adds every table below this node; a name of `scope` is that of a common table expression. */
function collect(node: unknown, scope: Scope, found: OpinionTable[]): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, scope, found);
    return;
  }
  if (!isFields(node)) return;
  const inner = collectExpressions(node['with'], scope, found);
  for (const [name, value] of Object.entries(node)) {
    if (name === 'with') continue;
    collectNamed(name, value, inner, found);
    if (name === 'Delete' && isFields(value)) collectDeletion(value, inner, found);
    else collect(value, inner, found);
  }
}

/** What this field of a node says by itself about tables; what is below it is looked at by the caller. */
function collectNamed(name: string, value: unknown, scope: Scope, found: OpinionTable[]): void {
  if (!isFields(value)) return;
  if (name === 'Table') addTable(relationName(value), { scope, isWritten: false, found });
  if (name === 'Insert') {
    const target = isFields(value['table']) ? value['table']['TableName'] : undefined;
    addTable(partsOf(target), { scope: new Set(), isWritten: true, found });
  }
  if (name === 'Update' && isFields(value['table'])) {
    // Which tables of a join an UPDATE changes hangs on the columns it names: only a table by itself is sure.
    const { relation, joins } = value['table'];
    const alone = Array.isArray(joins) && joins.length === 0 && isFields(relation) ? relation['Table'] : undefined;
    if (isFields(alone)) addTable(relationName(alone), { scope: new Set(), isWritten: true, found });
  }
}

/** The common table expressions of a WITH, each with what is named before it; gives the scope of what follows. */
function collectExpressions(withClause: unknown, scope: Scope, found: OpinionTable[]): Scope {
  if (!isFields(withClause) || !Array.isArray(withClause['cte_tables'])) return scope;
  let inner = scope;
  for (const expression of withClause['cte_tables']) {
    if (!isFields(expression) || !isFields(expression['alias'])) continue;
    const next = new Set([...inner, nameIn(expression['alias']['name'])?.toLowerCase() ?? '']);
    collect(expression['query'], withClause['recursive'] === true ? next : inner, found);
    inner = next;
  }
  return inner;
}

/** `DELETE FROM t`, `DELETE a, b FROM t AS a JOIN …`, `DELETE FROM a USING t AS a JOIN …`: targets may be aliases. */
function collectDeletion(deletion: Fields, scope: Scope, found: OpinionTable[]): void {
  const from = isFields(deletion['from']) ? Object.values(deletion['from']).flat() : [];
  const tables = Array.isArray(deletion['tables']) ? deletion['tables'] : [];
  const named = tables.filter((name) => !isModifier(name, DELETE_MODIFIERS));
  const hasUsing = Array.isArray(deletion['using']);
  const sources = hasUsing ? [deletion['using']] : from;
  const { from: _from, using: _using, tables: _tables, ...rest } = deletion;
  collect(sources, scope, found);
  collect(rest, scope, found);
  const aliases = aliasesIn(sources);
  const targets = hasUsing || named.length === 0 ? from.map(relationOf) : named.map(partsOf);
  for (const parts of targets) {
    const alias = parts.length === 1 ? aliases.get(parts[0] ?? '') : undefined;
    addTable(alias ?? parts, { scope: new Set(), isWritten: true, found });
  }
}

function aliasesIn(
  node: unknown,
  aliases = new Map<string, readonly string[]>(),
): ReadonlyMap<string, readonly string[]> {
  if (Array.isArray(node)) for (const item of node) aliasesIn(item, aliases);
  if (!isFields(node)) return aliases;
  const { Table: table } = node;
  if (isFields(table)) {
    const name = relationName(table);
    const alias = isFields(table['alias']) ? nameIn(table['alias']['name']) : name.at(-1);
    if (alias !== undefined) aliases.set(alias, name);
  }
  for (const value of Object.values(node)) aliasesIn(value, aliases);
  return aliases;
}

function relationOf(source: unknown): readonly string[] {
  if (!isFields(source) || !isFields(source['relation'])) return [];
  const { Table: table } = source['relation'];
  return isFields(table) ? relationName(table) : [];
}

/** A table in FROM, or that of `TABLE t`, which the tree spells in a way of its own. */
function relationName(table: Fields): readonly string[] {
  // `UPDATE IGNORE t`: to this parser a table `IGNORE` with the alias `t`.
  const alias = isFields(table['alias']) ? nameIn(table['alias']['name']) : undefined;
  if (alias !== undefined && isModifier(table['name'])) return [alias];
  if (Array.isArray(table['name'])) return partsOf(table['name']);
  return [table['schema_name'], table['table_name']].filter((part) => typeof part === 'string');
}

/** Reserved in both servers, so without quotes they are the name of nothing. */
const MODIFIERS: ReadonlySet<string> = new Set(['ignore', 'low_priority']);
/** These are names too, but not in front of FROM. */
const DELETE_MODIFIERS: ReadonlySet<string> = new Set([...MODIFIERS, 'quick', 'history']);

function isModifier(name: unknown, modifiers = MODIFIERS): boolean {
  if (!Array.isArray(name) || name.length !== 1) return false;
  const [part]: readonly unknown[] = name;
  const identifier = isFields(part) ? part['Identifier'] : undefined;
  const isQuoted = !isFields(identifier) || typeof identifier['quote_style'] === 'string';
  return !isQuoted && modifiers.has((nameIn(identifier) ?? '').toLowerCase());
}

function addTable(
  parts: readonly string[],
  { scope, isWritten, found }: { readonly scope: Scope; readonly isWritten: boolean; readonly found: OpinionTable[] },
): void {
  const table = parts.at(-1);
  if (table === undefined) return;
  const database = parts.at(-2) ?? null;
  if (database === null && (scope.has(table.toLowerCase()) || table.toLowerCase() === 'dual')) return;
  found.push({ database, table, isWritten });
}

/** The names of `[{ Identifier: { value } }, …]`. */
function partsOf(name: unknown): readonly string[] {
  if (!Array.isArray(name)) return [];
  return name
    .map((part) => nameIn(isFields(part) ? part['Identifier'] : undefined))
    .filter((part) => part !== undefined);
}

function nameIn(identifier: unknown): string | undefined {
  return isFields(identifier) && typeof identifier['value'] === 'string' ? identifier['value'] : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
