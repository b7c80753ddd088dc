import type { TableName } from '../../../sql/statement.js';
import type { Span } from './statement-parts.js';
import type { Tokens } from '../text/tokens.js';

/** A table as the FROM of a statement lists it. */
export interface ListedTable {
  /** What the rest of the statement calls it. */
  readonly alias: string;
  /** Null for derived tables. */
  readonly table: TableName | null;
}

const JOIN_WORDS: ReadonlySet<string> = new Set(['join', 'straight_join']);
const JOIN_SIDES: ReadonlySet<string> = new Set(['inner', 'cross', 'left', 'right', 'outer', 'natural']);
const HINTS: ReadonlySet<string> = new Set(['use', 'force', 'ignore']);
const NO_ALIAS: ReadonlySet<string> = new Set([
  ...JOIN_WORDS,
  ...JOIN_SIDES,
  ...HINTS,
  'on',
  'using',
  'partition',
  'for',
  'set',
  'where',
]);

/** The tables of a list with its joins, in order; undefined for a form that is not known. */
export function listedTables(tokens: Tokens, span: Span, database: string | null): readonly ListedTable[] | undefined {
  const list = new TableList(tokens, span, database);
  return list.read() ? list.tables : undefined;
}

class TableList {
  readonly tables: ListedTable[] = [];
  readonly #tokens: Tokens;
  readonly #to: number;
  readonly #database: string | null;
  #index: number;

  constructor(tokens: Tokens, { from, to }: Span, database: string | null) {
    this.#tokens = tokens;
    this.#index = from;
    this.#to = to;
    this.#database = database;
  }

  /** False where the form is not known. */
  read(): boolean {
    return this.#joined() && this.#index === this.#to;
  }

  #joined(): boolean {
    if (!this.#factor()) return false;
    while (this.#index < this.#to && this.#word() !== ')') {
      if (this.#word() === ',') {
        this.#index += 1;
        if (!this.#factor()) return false;
      } else if (this.#word() === 'on') this.#skipCondition();
      else if (this.#word() === 'using') {
        this.#index += 1;
        if (!this.#skipGroup()) return false;
      } else if (!this.#join()) return false;
    }
    return true;
  }

  #join(): boolean {
    while (JOIN_SIDES.has(this.#word())) this.#index += 1;
    if (!JOIN_WORDS.has(this.#word())) return false;
    this.#index += 1;
    return this.#factor();
  }

  #factor(): boolean {
    if (this.#word() === 'lateral') this.#index += 1;
    if (this.#word() === '(') {
      if (['select', 'with', 'values', 'table', '('].includes(this.#word(1))) return this.#derived();
      this.#index += 1;
      if (!this.#joined() || this.#word() !== ')') return false;
      this.#index += 1;
      return true;
    }
    return this.#named();
  }

  #derived(): boolean {
    if (!this.#skipGroup()) return false;
    const alias = this.#alias();
    if (alias === undefined) return false; // in parentheses once more: rare, and not worth the trouble
    if (this.#word() === '(' && !this.#skipGroup()) return false;
    this.tables.push({ alias, table: null });
    return true;
  }

  #named(): boolean {
    const first = this.#name();
    if (first === undefined || this.#word() === '(') return false;
    let table: TableName = { database: this.#database, table: first };
    if (this.#word() === '.') {
      this.#index += 1;
      const second = this.#name();
      if (second === undefined) return false;
      table = { database: first, table: second };
    }
    if (this.#word() === 'partition') {
      this.#index += 1;
      if (!this.#skipGroup()) return false;
    }
    this.tables.push({ alias: this.#alias() ?? table.table, table });
    return this.#hints();
  }

  #hints(): boolean {
    while (HINTS.has(this.#word())) {
      while (this.#index < this.#to && this.#word() !== '(') this.#index += 1;
      if (!this.#skipGroup()) return false;
      if (this.#word() === ',' && HINTS.has(this.#word(1))) this.#index += 1;
    }
    return true;
  }

  #alias(): string | undefined {
    if (this.#word() === 'as') this.#index += 1;
    else if (NO_ALIAS.has(this.#word())) return undefined;
    return this.#name();
  }

  /** ON and its condition, up to the next join; LEFT and RIGHT are functions too. */
  #skipCondition(): void {
    for (let depth = 0; this.#index < this.#to; this.#index += 1) {
      const word = this.#word();
      if (word === '(') depth += 1;
      else if (word === ')') {
        if (depth === 0) return;
        depth -= 1;
      } else if (depth === 0 && (word === ',' || JOIN_WORDS.has(word))) return;
      else if (depth === 0 && JOIN_SIDES.has(word) && this.#word(1) !== '(') return;
    }
  }

  #skipGroup(): boolean {
    if (this.#word() !== '(') return false;
    for (let depth = 0; this.#index < this.#to; this.#index += 1) {
      if (this.#word() === '(') depth += 1;
      else if (this.#word() === ')' && (depth -= 1) === 0) {
        this.#index += 1;
        return true;
      }
    }
    return false;
  }

  #name(): string | undefined {
    if (this.#index >= this.#to || !this.#tokens.isName(this.#index)) return undefined;
    this.#index += 1;
    return this.#tokens.name(this.#index - 1);
  }

  #word(ahead = 0): string {
    return this.#index + ahead < this.#to ? this.#tokens.word(this.#index + ahead) : '';
  }
}
