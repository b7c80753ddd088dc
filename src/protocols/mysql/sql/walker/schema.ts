import type { StatementAction, TableName } from '../../../sql/statement.js';
import { STRING } from '../text/tokens.js';
import { acceptIfExists, walkDefinition, walkTableList } from './definition.js';
import { NotUnderstood, type Walk } from './walk.js';

/** What CREATE, ALTER and DROP are said of. */
interface Thing {
  readonly words: readonly string[];
  /** `table`: its name is that of a table; `database`: all its tables; `on`: a table is named after ON. */
  readonly names: 'table' | 'database' | 'on' | 'other';
  readonly action: StatementAction;
}

const THINGS: readonly Thing[] = [
  { words: ['table'], names: 'table', action: 'schema' },
  { words: ['tables'], names: 'table', action: 'schema' },
  { words: ['view'], names: 'table', action: 'schema' },
  { words: ['sequence'], names: 'table', action: 'schema' },
  { words: ['index'], names: 'on', action: 'schema' },
  { words: ['trigger'], names: 'on', action: 'schema' },
  { words: ['database'], names: 'database', action: 'schema' },
  { words: ['schema'], names: 'database', action: 'schema' },
  { words: ['procedure'], names: 'other', action: 'schema' },
  { words: ['function'], names: 'other', action: 'schema' },
  { words: ['package', 'body'], names: 'other', action: 'schema' },
  { words: ['package'], names: 'other', action: 'schema' },
  { words: ['library'], names: 'other', action: 'schema' },
  { words: ['event'], names: 'other', action: 'schema' },
  { words: ['server'], names: 'other', action: 'admin' },
  { words: ['user'], names: 'other', action: 'admin' },
  { words: ['role'], names: 'other', action: 'admin' },
  { words: ['tablespace'], names: 'other', action: 'admin' },
  { words: ['logfile', 'group'], names: 'other', action: 'admin' },
  { words: ['resource', 'group'], names: 'other', action: 'admin' },
  { words: ['spatial', 'reference', 'system'], names: 'other', action: 'admin' },
  { words: ['instance'], names: 'other', action: 'admin' },
];

/** Words that may stand in front of the thing. */
const ADJECTIVES: ReadonlySet<string> = new Set([
  'or',
  'replace',
  'temporary',
  'online',
  'offline',
  'ignore',
  'unique',
  'fulltext',
  'spatial',
  'vector',
  'aggregate',
  'undo',
  'if',
  'not',
  'exists',
  'external',
]);

/** CREATE, ALTER, DROP and RENAME. */
export function walkSchemaChange(walk: Walk): void {
  const verb = walk.word();
  const isForUsers = namesInvoker(walk);
  walk.at++;
  if (walk.sees('or', 'replace')) walk.facts.flag('or-replace');
  const thing = walkToThing(walk);
  walk.facts.kind = `${verb} ${thing.words.join(' ')}`;
  walk.facts.action = thing.action;
  walk.at += thing.words.length;
  if (thing.action === 'admin') {
    walk.skipRest();
    return;
  }
  if (OWNED.has(walk.facts.kind) && !isForUsers) walk.facts.flag('task-owned');
  acceptIfExists(walk);
  walk.acceptAny(['wait', 'nowait']);
  switch (thing.names) {
    case 'table':
      walkTables(walk, verb, thing);
      break;
    case 'database':
      walkDatabase(walk);
      break;
    case 'on':
      walkOnTable(walk);
      break;
    case 'other':
      walkOther(walk, verb, thing);
      break;
    default:
  }
}

/** What then runs in the name of the one who runs the statement; ALTER VIEW leaves the owner as it is. */
const OWNED: ReadonlySet<string> = new Set([
  'create view',
  'create trigger',
  'create event',
  'alter event',
  'create procedure',
  'create function',
  'create package',
  'create package body',
]);

/** Words from which on a body says what it will do, definitions of its own included. */
const BODY: ReadonlySet<string> = new Set(['begin', 'create', 'alter']);

/** SQL SECURITY INVOKER, before the body of a routine: a view or routine runs in the name of the one who uses it then. */
function namesInvoker(walk: Walk): boolean {
  const start = walk.at;
  let isFound = false;
  for (walk.at++; !walk.isDone && !BODY.has(walk.word()) && !isFound; walk.at++)
    isFound = walk.sees('sql', 'security', 'invoker');
  walk.at = start;
  return isFound;
}

const STORED_CODE: ReadonlySet<string> = new Set(['procedure', 'function', 'trigger', 'event', 'package']);

/** Whether what is created or altered, from the word after CREATE or ALTER on, may have a body of statements. */
export function definesStoredCode(walk: Walk): boolean {
  try {
    return STORED_CODE.has(walkToThing(walk).words[0] ?? '');
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return false;
  }
}

/** Steps over what stands in front of the thing: OR REPLACE, TEMPORARY, DEFINER = …, ALGORITHM = …, SQL SECURITY …. */
function walkToThing(walk: Walk): Thing {
  const isThing = () => THINGS.find(({ words }) => walk.sees(...words));
  for (let thing = isThing(); ; thing = isThing()) {
    if (thing !== undefined) return thing;
    const word = walk.word();
    if (word === 'temporary') walk.facts.flag('temporary');
    if (ADJECTIVES.has(word)) walk.at++;
    else if (walk.accept('definer', '=')) walkDefiner(walk);
    else if (walk.accept('algorithm', '=')) walk.at++;
    else if (walk.accept('sql', 'security')) walk.at++;
    else walk.fail('unknown kind of definition');
  }
}

function walkDefiner(walk: Walk): void {
  if (walk.accept('current_user') || walk.accept('current_role')) {
    if (walk.accept('(')) walk.expect(')');
    return;
  }
  if (!walk.isName() && walk.kind() !== STRING) walk.fail('unknown definer');
  walk.at++;
  walk.skipHost();
}

function walkTables(walk: Walk, verb: string, { words }: Thing): void {
  const note = (table: TableName) => walk.facts.table(table, 'schema');
  if (verb === 'rename') {
    do {
      note(walk.tableName());
      walk.acceptAny(['wait', 'nowait']);
      walk.expect('to');
      note(walk.tableName());
    } while (walk.accept(','));
    return;
  }
  if (verb === 'drop') {
    walkTableList(walk, note);
    walk.acceptAny(['restrict', 'cascade']);
    return;
  }
  const own = walk.tableName();
  note(own);
  if (verb === 'alter' && words[0] === 'table') walkAlterations(walk, own, note);
  else walkDefinition(walk, words[0] === 'table', own.database);
}

/** ALTER TABLE; `RENAME TO x` makes a table of another name. */
function walkAlterations(walk: Walk, own: TableName, note: (table: TableName) => void): void {
  for (let at = walk.at; ; at++) {
    const ahead = at - walk.at;
    if (walk.kind(ahead) === 0) break;
    const isGone = walk.word(ahead) === 'drop' || walk.word(ahead) === 'truncate';
    if (isGone && walk.word(ahead + 1) === 'partition') walk.facts.flag('drops-partition');
    if (walk.word(ahead) !== 'rename' || ['column', 'index', 'key'].includes(walk.word(ahead + 1))) continue;
    const start = walk.at;
    walk.at = at + 1;
    walk.acceptAny(['to', 'as', '=']);
    if (walk.isName()) note(walk.tableName());
    walk.at = start;
  }
  walkDefinition(walk, true, own.database);
}

/** A database stands for all its tables: `*`. */
function walkDatabase(walk: Walk): void {
  const isNamed =
    walk.isName() && !['character', 'charset', 'collate', 'default', 'read', 'encryption'].includes(walk.word());
  walk.facts.table({ database: isNamed ? walk.name() : walk.database, table: '*' }, 'schema');
  walk.skipRest();
}

/**
 * `INDEX i ON t (…)`; `TRIGGER tr BEFORE INSERT ON t FOR EACH ROW …`, whose body runs later and is not read here. DROP
 * TRIGGER names no table, so it may be any of the database. The table of `db.tr` is looked for in `db`.
 */
function walkOnTable(walk: Walk): void {
  const name = walk.tableName();
  while (!walk.isDone && walk.word() !== 'on') walk.at++;
  walk.facts.table(walk.accept('on') ? walk.tableName(name.database) : { ...name, table: '*' }, 'schema');
  walk.skipRest();
}

/**
 * Routines and events, of which the database is noted: what they will run is not read here. A function of a library
 * file is the server's business.
 */
function walkOther(walk: Walk, verb: string, { words }: Thing): void {
  const { database, table: name } = walk.tableName();
  walk.facts.table({ database, table: '*' }, 'schema');
  if ((words[0] === 'procedure' || words[0] === 'function') && verb !== 'create') {
    walk.facts.unknownFunction({ database, name });
  }
  for (; !walk.isDone; walk.at++) if (walk.word() === 'soname') walk.facts.action = 'admin';
}

/** TRUNCATE empties a table, whatever its triggers and keys say. */
export function walkTruncate(walk: Walk): void {
  walk.facts.kind = 'truncate';
  walk.facts.action = 'schema';
  walk.at++;
  walk.accept('table');
  walk.facts.table(walk.tableName(), 'schema');
  if (walk.acceptAny(['wait', 'nowait']) === 'wait') walk.at++;
}
