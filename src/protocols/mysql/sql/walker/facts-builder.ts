import { SYSTEM_DATABASES } from '../../../sql/privilege.js';
import type {
  RoutineName,
  StatementAction,
  StatementFacts,
  StatementFlag,
  TableAction,
  TableName,
  TableUse,
  WhereForm,
} from '../../../sql/statement.js';
import { keepsRows } from '../locking-read.js';

/** `none` is the widest, `column` the narrowest. */
const WIDTH: Readonly<Record<WhereForm, number>> = { none: 0, constant: 1, column: 2 };
const ASCII = /^[\0-\x7f]*$/;
const MARKS_OF_LETTERS = /\p{M}/gu;

/** Collects what the walkers find in one text. Names of tables stay as written; columns and functions are lower-cased. */
export class FactsBuilder {
  kind = 'unknown';
  action: StatementAction = 'unknown';
  statements = 0;
  hasLimit = false;
  notUnderstood: string | null = null;
  /** Index of the token at which the statement begins that the facts are of: after SET STATEMENT … FOR. */
  firstToken = 0;
  readonly #tables = new Map<string, TableUse>();
  readonly #columns = new Set<string>();
  readonly #functions = new Set<string>();
  readonly #unknownFunctions = new Map<string, RoutineName>();
  readonly #flags = new Set<StatementFlag>();
  #where: WhereForm | undefined;
  #rowReads = 0;

  table({ database, table }: TableName, action: TableAction): void {
    const known = database !== null && SYSTEM_DATABASES.has(database.toLowerCase()) ? database.toLowerCase() : database;
    if (action === 'read' && keepsRows(known)) this.#rowReads += 1;
    const key = JSON.stringify([known, table, action]);
    if (!this.#tables.has(key)) this.#tables.set(key, { database: known, table, action, by: 'text' });
  }

  /**
   * Runs `walk` over expressions of what is no query. InnoDB reads without locks for a query alone: a query inside of
   * anything else (SET, DO, CALL, the WHERE of SHOW) locks the rows that it reads.
   */
  outsideOfQueries(walk: () => void): void {
    const before = this.#rowReads;
    walk();
    if (this.#rowReads > before) this.flag('locking-read');
  }

  /**
   * Servers compare names of columns without regard to case and accents, so `ſsn` is `ssn`; the name goes in as it is
   * and as they compare it.
   */
  column(name: string): void {
    this.#columns.add(name.toLowerCase());
    if (ASCII.test(name)) return;
    this.#columns.add(name.normalize('NFKD').replaceAll(MARKS_OF_LETTERS, '').toLowerCase());
  }

  function(name: string): void {
    this.#functions.add(name.toLowerCase());
  }

  unknownFunction(routine: RoutineName): void {
    this.#functions.add(routine.name.toLowerCase());
    this.#unknownFunctions.set(JSON.stringify(routine), routine);
  }

  flag(flag: StatementFlag): void {
    this.#flags.add(flag);
  }

  /** Of several conditions at depth 0, as in a UNION, the widest one counts. */
  where(form: WhereForm): void {
    if (this.#where === undefined || WIDTH[form] < WIDTH[this.#where]) this.#where = form;
  }

  /** Notes why the text is not understood; the first reason stays. */
  unread(reason: string): void {
    this.notUnderstood ??= reason;
  }

  /** Every table use so far becomes a read: an EXPLAIN changes no rows. */
  onlyReads(): void {
    const uses = [...this.#tables.values()];
    this.#tables.clear();
    for (const use of uses) this.table(use, 'read');
  }

  facts(): StatementFacts {
    return {
      kind: this.kind,
      action: this.action,
      statements: this.statements,
      tables: [...this.#tables.values()],
      columns: [...this.#columns],
      functions: [...this.#functions],
      unknownFunctions: [...this.#unknownFunctions.values()],
      where: this.#where ?? 'none',
      hasLimit: this.hasLimit,
      flags: [...this.#flags],
      triggers: [],
      notUnderstood: this.notUnderstood,
    };
  }
}
