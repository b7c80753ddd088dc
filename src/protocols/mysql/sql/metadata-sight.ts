import type { StatementFacts } from '../../sql/statement.js';
import type { SqlDialect } from './text/dialect.js';
import { FactsBuilder } from './walker/facts-builder.js';
import { lex } from './text/lexer.js';
import { MARK, type Tokens } from './text/tokens.js';
import { Walk } from './walker/walk.js';
import { WALKERS } from './walker/statement.js';

/**
 * What a read of metadata lists, where servers leave out of their answer what the account may not see, without a word.
 * `routine-text` and `view-text`: what they are made of, beyond that they are there.
 */
export const SIGHT_KINDS = [
  'databases',
  'tables',
  'columns',
  'triggers',
  'events',
  'routines',
  'routine-text',
  'view-text',
] as const;
export type SightKind = (typeof SIGHT_KINDS)[number];

export interface MetadataSight {
  readonly kind: SightKind;
  /** Null for every database. */
  readonly database: string | null;
  /** Undefined for all of them. */
  readonly table?: string;
  readonly routine?: { readonly kind: string; readonly name: string };
}

/** Of information_schema. What is not here is about the server, or is the same for everybody. */
const LISTS: ReadonlyMap<string, SightKind> = new Map<string, SightKind>([
  ['triggers', 'triggers'],
  ['events', 'events'],
  ['routines', 'routines'],
  ['parameters', 'routines'],
  ['schemata', 'databases'],
  ['columns', 'columns'],
  ['columns_extensions', 'columns'],
  ['st_geometry_columns', 'columns'],
  ['geometry_columns', 'columns'],
  ...[
    'tables',
    'tables_extensions',
    'statistics',
    'key_column_usage',
    'table_constraints',
    'table_constraints_extensions',
    'referential_constraints',
    'check_constraints',
    'partitions',
    'views',
    'view_table_usage',
    'view_routine_usage',
  ].map((name) => [name, 'tables'] as const),
]);

/** Columns that are empty for the one who may see the rest, by their list. */
const TEXTS: ReadonlyMap<string, { readonly column: string; readonly kind: SightKind; readonly isInStar: boolean }> =
  new Map([
    ['views', { column: 'view_definition', kind: 'view-text', isInStar: true }],
    ['view_table_usage', { column: '', kind: 'view-text', isInStar: true }],
    ['view_routine_usage', { column: '', kind: 'view-text', isInStar: true }],
    // A star asks for whatever there is; an account of a grant sees the text of those routines that it has made.
    ['routines', { column: 'routine_definition', kind: 'routine-text', isInStar: false }],
  ]);

/** The lists that a statement which was understood reads, each once. */
export function metadataSights(
  text: Buffer,
  facts: StatementFacts,
  session: { readonly dialect: SqlDialect; readonly database: string | null },
): readonly MetadataSight[] {
  if (facts.kind.startsWith('show ')) return shown(text, facts, session);
  const lists = facts.tables.flatMap(({ database, table }) =>
    database?.toLowerCase() === 'information_schema' ? [table.toLowerCase()] : [],
  );
  if (lists.length === 0) return [];
  const kinds = new Set<SightKind>();
  const columns = new Set(facts.columns.map((column) => column.toLowerCase()));
  let star: boolean | undefined;
  for (const list of lists) {
    const kind = LISTS.get(list);
    if (kind !== undefined) kinds.add(kind);
    const secret = TEXTS.get(list);
    if (secret === undefined) continue;
    star ??= hasStar(lex(text, session.dialect).tokens);
    if (secret.column === '' || columns.has(secret.column) || (star && secret.isInStar)) kinds.add(secret.kind);
  }
  return [...kinds].map((kind) => ({ kind, database: null }));
}

type Shown = (walk: Walk) => readonly MetadataSight[];

const ofDatabase =
  (kind: SightKind): Shown =>
  (walk) => {
    const database = walk.acceptAny(['from', 'in']) === '' ? walk.database : walk.name();
    return [{ kind, database }];
  };
const ofName =
  (kind: SightKind): Shown =>
  (walk) => [{ kind, database: walk.tableName().database }];
const ofTable =
  (kind: SightKind): Shown =>
  (walk) => [{ kind, ...walk.tableName() }];
const ofRoutine =
  (kind: string): Shown =>
  (walk) => {
    const { database, table: name } = walk.tableName();
    return [{ kind: 'routine-text', database, routine: { kind, name } }];
  };
const everywhere =
  (kind: SightKind): Shown =>
  () => [{ kind, database: null }];

const SHOWN: ReadonlyMap<string, Shown> = new Map<string, Shown>([
  ['databases', everywhere('databases')],
  ['schemas', everywhere('databases')],
  ['tables', ofDatabase('tables')],
  ['table status', ofDatabase('tables')],
  ['triggers', ofDatabase('triggers')],
  ['events', ofDatabase('events')],
  ['create trigger', ofName('triggers')],
  ['create event', ofName('events')],
  // A dump asks so for views too.
  ['create table', ofTable('view-text')],
  ['procedure status', everywhere('routines')],
  ['function status', everywhere('routines')],
  ['package status', everywhere('routines')],
  ['package body status', everywhere('routines')],
  ...['procedure', 'function', 'package', 'package body'].map((kind) => [`create ${kind}`, ofRoutine(kind)] as const),
]);

/** Reads again what the walker of SHOW has stepped over: which database it is about. */
function shown(
  text: Buffer,
  { kind }: StatementFacts,
  { dialect, database }: { readonly dialect: SqlDialect; readonly database: string | null },
): readonly MetadataSight[] {
  const form = kind.slice('show '.length);
  const read = SHOWN.get(form);
  if (read === undefined) return [];
  const { tokens } = lex(text, dialect);
  const facts = new FactsBuilder();
  const walk = new Walk({ tokens, start: 0, end: tokens.count, dialect, database, facts, walkers: WALKERS });
  walk.expect('show');
  while (!walk.isDone && !walk.accept(...form.split(' '))) walk.at += 1; // FULL, EXTENDED, …
  return read(walk);
}

function hasStar(tokens: Tokens): boolean {
  for (let index = 0; index < tokens.count; index += 1) {
    if (tokens.kind(index) !== MARK || tokens.word(index) !== '*') continue;
    if (index === 0 || tokens.word(index - 1) !== '(') return true; // COUNT(*) asks for no column
  }
  return false;
}
