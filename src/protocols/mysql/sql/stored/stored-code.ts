import type { CatalogDefaults, CodeTouch } from '../../../sql/catalog.js';
import type { RoutineName, StatementFacts, StatementFlag, TableUse } from '../../../sql/statement.js';
import type { SqlDialect } from '../text/dialect.js';
import { analyse } from '../analyse.js';
import { lex } from '../text/lexer.js';
import { listedTables } from '../walker/table-list.js';
import { END, type Tokens } from '../text/tokens.js';
import { BodyReader, BodyUnclear } from './stored-body.js';

/** Stored code whose text the broker's own account was not shown, or that is in no SQL. */
export function unseenCode(why: string): CodeTouch {
  return { tables: [], functions: [], routines: [], unknown: why };
}

/** What a view's query touches; `database` is the one that the view is in. */
export function viewTouch(definition: string, dialect: SqlDialect, database: string): CodeTouch {
  const found = new Touches();
  found.addStatement(Buffer.from(definition, 'utf8'), dialect, database);
  return found.touch();
}

const VARIABLE_FLAGS: ReadonlySet<StatementFlag> = new Set(['user-variable', 'assignment']);

/** What the default of a column does whenever it is evaluated, as MariaDB prints it. */
export function defaultTouch(expression: string, dialect: SqlDialect, database: string): CatalogDefaults {
  const text = Buffer.from(`SELECT ${expression}`, 'utf8');
  const found = new Touches();
  found.addStatement(text, dialect, database);
  const { flags } = analyse(text, dialect, database).facts;
  return { ...found.touch(), flags: flags.filter((flag) => VARIABLE_FLAGS.has(flag)) };
}

const BEHIND_FROM: ReadonlySet<string> = new Set(
  'where group having window order limit offset fetch union except intersect minus procedure into for lock'.split(' '),
);

/** Whether a view's query has a single table or view in its FROM. False where that is not certain. */
export function viewListsOneTable(definition: string, dialect: SqlDialect, database: string): boolean {
  const { tokens, refused } = lex(Buffer.from(definition, 'utf8'), dialect);
  if (refused !== null || tokens.word(0) !== 'select') return false;
  const from = outside(tokens, 0, (word) => word === 'from') + 1;
  const to = outside(tokens, from, (word) => BEHIND_FROM.has(word));
  const [only, ...more] = listedTables(tokens, { from, to }, database) ?? [];
  return only !== undefined && only.table !== null && more.length === 0;
}

/** The first such token outside of parentheses, or the end. */
function outside(tokens: Tokens, start: number, isMeant: (word: string) => boolean): number {
  let depth = 0;
  let index = start;
  for (; tokens.kind(index) !== END; index += 1) {
    const word = tokens.word(index);
    if (depth === 0 && isMeant(word)) break;
    if (word === '(') depth += 1;
    else if (word === ')') depth -= 1;
  }
  return index;
}

/**
 * What the body of a trigger or routine touches: its statements are taken apart, and each is analysed by itself. A body
 * with anything that is not known, such as dynamic SQL, says so.
 */
export function bodyTouch(body: string, dialect: SqlDialect, database: string): CodeTouch {
  const text = Buffer.from(body, 'utf8');
  const { tokens, refused } = lex(text, dialect);
  const found = new Touches();
  if (refused !== null) found.addUnknown(refused);
  else readBody(tokens, (statement) => found.addStatement(statement, dialect, database), found);
  return found.touch();
}

function readBody(tokens: Tokens, onStatement: (statement: Buffer) => void, found: Touches): void {
  const reader = new BodyReader(tokens, onStatement);
  try {
    reader.statement();
    if (tokens.word(reader.index) === ';') reader.index += 1;
    if (tokens.kind(reader.index) !== END) found.addUnknown('there is more after its end');
  } catch (error) {
    if (!(error instanceof BodyUnclear)) throw error;
    found.addUnknown(error.message);
  }
}

/** Kinds that run a text which is made only when they run. */
const DYNAMIC_KINDS: ReadonlySet<string> = new Set(['prepare', 'execute', 'execute immediate']);

class Touches {
  readonly #tables = new Map<string, TableUse>();
  readonly #functions = new Set<string>();
  readonly #routines = new Map<string, RoutineName>();
  #unknown: string | null = null;

  addStatement(text: Buffer, dialect: SqlDialect, database: string): void {
    const { facts } = analyse(text, dialect, database);
    for (const use of tablesOf(facts)) this.#tables.set(JSON.stringify(use), use);
    for (const name of facts.functions) this.#functions.add(name);
    for (const routine of facts.unknownFunctions) this.#routines.set(JSON.stringify(routine), routine);
    if (facts.notUnderstood !== null) this.addUnknown(facts.notUnderstood);
    else if (facts.action === 'admin' || facts.action === 'unknown' || facts.flags.includes('into-file')) {
      this.addUnknown(`it runs ${facts.kind}`);
    } else if (DYNAMIC_KINDS.has(facts.kind)) this.addUnknown('it runs text that is made only then');
  }

  addUnknown(why: string): void {
    this.#unknown ??= why;
  }

  touch(): CodeTouch {
    return {
      tables: [...this.#tables.values()],
      functions: [...this.#functions],
      routines: [...this.#routines.values()],
      unknown: this.#unknown,
    };
  }
}

/** An insert that updates what is there already is both. */
function tablesOf({ tables, flags }: StatementFacts): readonly TableUse[] {
  if (!flags.includes('on-duplicate-key')) return tables;
  const inserted = tables.filter((use) => use.action === 'insert');
  return [...tables, ...inserted.map((use): TableUse => ({ ...use, action: 'update' }))];
}
