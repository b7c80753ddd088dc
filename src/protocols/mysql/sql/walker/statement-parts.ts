import { END, type Tokens } from '../text/tokens.js';

/** Some tokens of a text: from the first index to before the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A statement that changes rows, cut at its clauses. A clause that is not there is null. */
export type StatementParts =
  | {
      readonly kind: 'update';
      /** WITH … before it. */
      readonly with: Span | null;
      readonly tables: Span;
      readonly assignments: Span;
      readonly tail: Tail;
    }
  | {
      readonly kind: 'delete';
      readonly with: Span | null;
      readonly tables: Span;
      /** The tables to delete from, by name or alias, where the form names them apart. */
      readonly targets: Span | null;
      readonly tail: Tail;
    }
  | {
      readonly kind: 'insert';
      /** It gives the number of rows if nothing is left out and nothing is replaced. */
      readonly isPlain: boolean;
      readonly source: { readonly rows: number } | { readonly query: Span };
    };

export interface Tail {
  readonly where: Span | null;
  readonly order: Span | null;
  readonly limit: Span | null;
}

const MODIFIERS: ReadonlySet<string> = new Set(['low_priority', 'high_priority', 'delayed', 'quick', 'ignore']);
const TAIL_WORDS = ['where', 'order', 'limit', 'returning', 'for', 'procedure', 'into'];
const QUERY_STARTS = ['select', 'with', 'table', 'values', '('];

/** Cuts an UPDATE, DELETE, INSERT or REPLACE; undefined for everything else and for forms that are not known. */
export function cutStatement(tokens: Tokens): StatementParts | undefined {
  const cursor = new Cursor(tokens);
  const prefix = cursor.skipWith();
  const verb = cursor.word();
  cursor.index += 1;
  let ignores = false;
  while (MODIFIERS.has(cursor.word())) {
    ignores ||= cursor.word() === 'ignore';
    cursor.index += 1;
  }
  if (verb === 'update') return cutUpdate(cursor, prefix);
  if (verb === 'delete') return cutDelete(cursor, prefix);
  if (prefix === null && (verb === 'insert' || verb === 'replace')) {
    return cutInsert(cursor, verb === 'insert' && !ignores);
  }
  return undefined;
}

function cutUpdate(cursor: Cursor, prefix: Span | null): StatementParts | undefined {
  const tables = cursor.until('set', ...TAIL_WORDS);
  if (cursor.word() !== 'set') return undefined;
  cursor.index += 1;
  const assignments = cursor.until(...TAIL_WORDS);
  const tail = cutTail(cursor);
  return tail && { kind: 'update', with: prefix, tables, assignments, tail };
}

/** `DELETE FROM t`, `DELETE a, b FROM …`, `DELETE FROM a, b USING …` */
function cutDelete(cursor: Cursor, prefix: Span | null): StatementParts | undefined {
  let targets: Span | null = null;
  if (cursor.word() !== 'from') targets = cursor.until('from', ...TAIL_WORDS);
  if (cursor.word() !== 'from') return undefined;
  cursor.index += 1;
  let tables = cursor.until('using', ...TAIL_WORDS);
  if (targets !== null) {
    // Of a join: `… JOIN b USING (id)`.
    tables = { from: tables.from, to: cursor.until(...TAIL_WORDS).to };
  } else if (cursor.word() === 'using') {
    targets = tables;
    cursor.index += 1;
    tables = cursor.until(...TAIL_WORDS);
  }
  const tail = cutTail(cursor);
  return tail && { kind: 'delete', with: prefix, tables, targets, tail };
}

function cutTail(cursor: Cursor): Tail | undefined {
  const clause = (word: string, ...ends: readonly string[]): Span | null => {
    if (cursor.word() !== word) return null;
    cursor.index += 1;
    return cursor.until(...ends);
  };
  const where = clause('where', ...TAIL_WORDS.slice(1));
  const order = clause('order', ...TAIL_WORDS.slice(2));
  const limit = clause('limit', ...TAIL_WORDS.slice(3));
  if (cursor.word() === 'returning') cursor.until();
  return cursor.isDone ? { where, order, limit } : undefined;
}

function cutInsert(cursor: Cursor, isPlain: boolean): StatementParts | undefined {
  if (cursor.word() === 'into') cursor.index += 1;
  cursor.skipName();
  if (cursor.word() === 'partition') {
    cursor.index += 1;
    cursor.skipGroup();
  }
  if (cursor.word() === '(' && !QUERY_STARTS.includes(cursor.word(1))) cursor.skipGroup();
  const isRows = cursor.word() === 'value' || (cursor.word() === 'values' && cursor.word(1) === '(');
  const from = cursor.index;
  const rows = isRows ? cursor.countGroups() : cursor.word() === 'set' ? 1 : null;
  if (rows === null && !QUERY_STARTS.includes(cursor.word())) return undefined;
  while (!cursor.isDone && !cursor.sees('on', 'duplicate', 'key', 'update') && cursor.word() !== 'returning') {
    cursor.step();
  }
  const query = { from, to: cursor.index };
  const updates = cursor.word() === 'on';
  return { kind: 'insert', isPlain: isPlain && !updates, source: rows === null ? { query } : { rows } };
}

/** A place in the tokens of the one statement; nothing is seen after its end. */
class Cursor {
  index = 0;
  readonly #tokens: Tokens;
  #depth = 0;

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  get isDone(): boolean {
    return this.#tokens.kind(this.index) === END || (this.#depth === 0 && this.#tokens.word(this.index) === ';');
  }

  word(ahead = 0): string {
    return this.#tokens.word(this.index + ahead);
  }

  sees(...words: readonly string[]): boolean {
    return this.#depth === 0 && words.every((word, ahead) => this.word(ahead) === word);
  }

  /** Steps over a token, and knows then how deep in parentheses it is. */
  step(): void {
    if (this.word() === '(') this.#depth += 1;
    else if (this.word() === ')') this.#depth -= 1;
    this.index += 1;
  }

  /** Steps on to one of the words, outside of parentheses, or to the end. */
  until(...words: readonly string[]): Span {
    const from = this.index;
    while (!this.isDone && !(this.#depth === 0 && words.includes(this.word()))) this.step();
    return { from, to: this.index };
  }

  /** WITH and its common table expressions, up to the statement's own verb. */
  skipWith(): Span | null {
    if (this.word() !== 'with') return null;
    return this.until('update', 'delete', 'select', 'insert', 'replace', 'table', 'values');
  }

  /** `a`, `a.b` */
  skipName(): void {
    this.index += this.word(1) === '.' ? 3 : 1;
  }

  skipGroup(): void {
    if (this.word() !== '(') return;
    do this.step();
    while (!this.isDone && this.#depth > 0);
  }

  /** After VALUES: how many rows in parentheses follow. */
  countGroups(): number {
    let rows = 0;
    do {
      this.index += 1;
      this.skipGroup();
      rows += 1;
    } while (this.word() === ',');
    return rows;
  }
}
