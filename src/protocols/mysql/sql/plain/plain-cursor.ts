import type { SqlDialect } from '../text/dialect.js';
import type { OpinionTable } from '../opinion/opinion-view.js';
import { END, MARK, NAME, QUOTED, type Tokens, WORD } from '../text/tokens.js';
import { NO_ALIAS, RESERVED_WORDS } from './reserved-words.js';

/** Thrown where a text leaves the plain grammar: it says nothing against the text, and is no error of anybody. */
export class NotPlain extends Error {}
const NOT_PLAIN = new NotPlain('not plain');

const NESTING_MAX = 100;

export interface PlainCursorOptions {
  readonly tokens: Tokens;
  readonly start: number;
  readonly end: number;
  readonly dialect: SqlDialect;
  readonly readQuery: (cursor: PlainCursor) => void;
}

/** A place in the tokens of a plain read, and what was found so far. */
export class PlainCursor {
  readonly tokens: Tokens;
  readonly dialect: SqlDialect;
  /** A whole query: a field, so that expressions and queries need not import each other. */
  readonly readQuery: (cursor: PlainCursor) => void;
  readonly tables: OpinionTable[] = [];
  readonly functions = new Set<string>();
  /** Columns named so far in queries at this depth; what stands in a sub-query is not counted. */
  columns = 0;
  at: number;
  #scope: readonly string[] = [];
  #nesting = 0;
  readonly #end: number;

  constructor({ tokens, start, end, dialect, readQuery }: PlainCursorOptions) {
    this.tokens = tokens;
    this.dialect = dialect;
    this.readQuery = readQuery;
    this.at = start;
    this.#end = end;
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

  /** A keyword in lower case or a mark; empty for everything else. */
  word(ahead = 0): string {
    return this.at + ahead < this.#end ? this.tokens.word(this.at + ahead) : '';
  }

  isMark(ahead = 0): boolean {
    return this.kind(ahead) === MARK;
  }

  fail(): never {
    throw NOT_PLAIN;
  }

  accept(...words: readonly string[]): boolean {
    for (let ahead = 0; ahead < words.length; ahead += 1) if (this.word(ahead) !== words[ahead]) return false;
    this.at += words.length;
    return true;
  }

  /** Steps over one of the words, if one is here. */
  acceptAny(words: ReadonlySet<string>): boolean {
    if (!words.has(this.word()) || this.word() === '') return false;
    this.at += 1;
    return true;
  }

  expect(...words: readonly string[]): void {
    if (!this.accept(...words)) this.fail();
  }

  expectKind(...kinds: readonly number[]): void {
    if (!kinds.includes(this.kind())) this.fail();
    this.at += 1;
  }

  /** Whether a name that is nothing else stands here. */
  isName(ahead = 0): boolean {
    const kind = this.kind(ahead);
    return kind === NAME || kind === QUOTED || (kind === WORD && !RESERVED_WORDS.has(this.word(ahead)));
  }

  name(): string {
    if (!this.isName()) this.fail();
    this.at += 1;
    return this.tokens.name(this.at - 1);
  }

  /** A name that may follow without AS. */
  isAlias(): boolean {
    return this.isName() && !NO_ALIAS.has(this.word());
  }

  /** A list with commas, of at least one. */
  list(one: () => void): void {
    do one();
    while (this.accept(','));
  }

  inParentheses(inner: () => void): void {
    this.expect('(');
    this.nested(inner);
    this.expect(')');
  }

  nested(inner: () => void): void {
    if (++this.#nesting > NESTING_MAX) this.fail();
    inner();
    this.#nesting -= 1;
  }

  /** A query below this one: its columns are its own, and so are the names that its WITH gives. */
  subQuery(): void {
    const { columns } = this;
    const scope = this.#scope;
    this.nested(() => this.readQuery(this));
    this.#scope = scope;
    this.columns = columns;
  }

  /** Gives a name to a common table expression for what is read from here on, within its query. */
  nameExpression(name: string): void {
    this.#scope = [...this.#scope, name];
  }

  /** `a` or `a.b` where a table belongs. */
  table(): void {
    const first = this.name();
    if (this.accept('.')) {
      this.tables.push({ database: first, table: this.name(), isWritten: false });
    } else if (!this.#isExpression(first)) {
      this.tables.push({ database: null, table: first, isWritten: false });
    }
  }

  /** Names in two letter cases may be one or two to a server. */
  #isExpression(name: string): boolean {
    if (this.#scope.includes(name)) return true;
    const folded = name.toLowerCase();
    if (this.#scope.some((known) => known.toLowerCase() === folded)) this.fail();
    return false;
  }
}
