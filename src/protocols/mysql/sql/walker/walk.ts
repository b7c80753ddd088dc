import type { TableName } from '../../../sql/statement.js';
import type { SqlDialect } from '../text/dialect.js';
import { EMPTY_SCOPE, type Scope } from './scope.js';
import type { FactsBuilder } from './facts-builder.js';
import { END, MARK, type Tokens, USER_VARIABLE } from '../text/tokens.js';

const NESTING_MAX = 200;

const TABLE_NAMES_MAX = 1_000;

/** The text has a shape that is not on the list; `analyse` turns it into facts. */
export class NotUnderstood extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.name = 'NotUnderstood';
    this.reason = reason;
  }
}

/** What families of statements need of each other, without importing each other in a circle. */
export interface Walkers {
  /** A query from SELECT, WITH, TABLE, VALUES or `(` on, up to what cannot belong to it. */
  readonly query: (walk: Walk) => void;
  /** What may follow a query that was read: UNION with more of them, ORDER BY, LIMIT, … */
  readonly setOperations: (walk: Walk) => void;
  /** One whole statement. */
  readonly statement: (walk: Walk) => void;
}

export interface WalkOptions {
  readonly tokens: Tokens;
  readonly start: number;
  readonly end: number;
  readonly dialect: SqlDialect;
  readonly database: string | null;
  readonly facts: FactsBuilder;
  readonly walkers: Walkers;
}

/** A place in the tokens of one statement, and what was found so far. */
export class Walk {
  readonly tokens: Tokens;
  readonly facts: FactsBuilder;
  readonly dialect: SqlDialect;
  readonly database: string | null;
  readonly walkers: Walkers;
  /** Index of the token that is looked at. */
  at: number;
  /** Common table expressions that can be named here. */
  scope: Scope = EMPTY_SCOPE;
  #namesOfTables = 0;
  /** 0 outside of sub-queries, derived tables and common table expressions. */
  queryDepth = 0;
  readonly #end: number;
  #nesting = 0;

  constructor(options: WalkOptions) {
    this.tokens = options.tokens;
    this.facts = options.facts;
    this.dialect = options.dialect;
    this.database = options.database;
    this.walkers = options.walkers;
    this.at = options.start;
    this.#end = options.end;
  }

  get isMariadb(): boolean {
    return this.dialect.flavour === 'mariadb';
  }

  get isDone(): boolean {
    return this.at >= this.#end;
  }

  kind(ahead = 0): number {
    return this.at + ahead < this.#end ? this.tokens.kind(this.at + ahead) : END;
  }

  /** A keyword in lower case or a mark; empty for names in quotes, literals, and past the end. */
  word(ahead = 0): string {
    const index = this.at + ahead;
    return index >= 0 && index < this.#end ? this.tokens.word(index) : '';
  }

  isMark(ahead = 0): boolean {
    return this.kind(ahead) === MARK;
  }

  isName(ahead = 0): boolean {
    return this.at + ahead < this.#end && this.tokens.isName(this.at + ahead);
  }

  /** Whether these words follow one another here. */
  sees(...words: readonly string[]): boolean {
    return words.every((word, ahead) => this.word(ahead) === word);
  }

  /** Steps over these words when they follow one another here. */
  accept(...words: readonly string[]): boolean {
    if (!this.sees(...words)) return false;
    this.at += words.length;
    return true;
  }

  /** Steps over one of the words; empty when none of them is here. */
  acceptAny(words: readonly string[]): string {
    const word = this.word();
    if (word === '' || !words.includes(word)) return '';
    this.at++;
    return word;
  }

  expect(...words: readonly string[]): void {
    if (!this.accept(...words)) this.fail(`no "${words.join(' ')}" where it belongs`);
  }

  expectKind(kind: number, what: string): void {
    if (this.kind() !== kind) this.fail(`no ${what} where it belongs`);
    this.at++;
  }

  /** A name of one part, without its quotes. */
  name(): string {
    if (!this.isName()) this.fail('no name where one belongs');
    return this.tokens.name(this.at++);
  }

  /** `a`, `a.b`, `a.b.c`: the parts without their quotes. */
  dottedName(): readonly string[] {
    const parts = [this.name()];
    while (this.word() === '.' && this.isName(1)) {
      this.at++;
      parts.push(this.name());
    }
    return parts;
  }

  /**
   * A table's name; the session's database, or another, where none is written. A temporary table of that name would hide the real
   * one, which no text can tell: it could only hide what the session itself may read.
   */
  tableName(database: string | null = this.database): TableName {
    this.noteTableName();
    const [first = '', second, third] = this.dottedName();
    if (third !== undefined) this.fail('table name of three parts');
    return second === undefined ? { database, table: first } : { database: first, table: second };
  }

  /** Runs `inner` one level deeper; a text that nests further than people write is not understood. */
  nested(inner: () => void): void {
    if (++this.#nesting > NESTING_MAX) this.fail('nested too deeply');
    inner();
    this.#nesting--;
  }

  /** Runs `inner` as a query of its own below this one, with the common table expressions that it can see. */
  nestedQuery(inner: () => void): void {
    const scope = this.scope;
    this.queryDepth++;
    this.nested(inner);
    this.queryDepth--;
    this.scope = scope;
  }

  /** Steps over a whole group in parentheses in which no query may stand. */
  skipGroup(): void {
    this.expect('(');
    for (let depth = 1; depth > 0; this.at++) {
      if (this.isDone) this.fail('unclosed parenthesis');
      const word = this.word();
      if (word === '(') depth++;
      else if (word === ')') depth--;
      else if (word === 'select') this.fail('query where none belongs');
    }
  }

  /** Steps over the `@host` of an account's name. */
  skipHost(): void {
    if (this.kind() === USER_VARIABLE) this.at++;
  }

  /** Steps to the end of the statement: what it says there decides nothing. */
  skipRest(): void {
    this.at = this.#end;
  }

  /**
   * A table, or a query that stands for one, is named. Names are looked up among each other, so there is a limit: no
   * server joins nearly as many. @throws NotUnderstood
   */
  noteTableName(): void {
    this.#namesOfTables += 1;
    if (this.#namesOfTables > TABLE_NAMES_MAX) this.fail('it names more tables than can be looked at');
  }

  fail(reason: string): never {
    throw new NotUnderstood(reason);
  }
}
