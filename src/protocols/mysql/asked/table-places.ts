import { MARK, type Tokens } from '../sql/text/tokens.js';

/** After these names are those of tables, until another of them comes at the same depth of parentheses. */
const BEFORE_TABLES: ReadonlySet<string> = new Set('from join update into table tables truncate using'.split(' '));
const BEFORE_OTHERS: ReadonlySet<string> = new Set(
  'select set where on values value group order having limit by returning partition as'.split(' '),
);

/** Which tokens of a statement name the tables that it touches: where tables are listed, and before a dot. */
export class TablePlaces {
  readonly #tokens: Tokens;
  readonly #names: ReadonlySet<string>;
  /** For each depth of parentheses: whether tables are listed there now. */
  readonly #lists: boolean[] = [false];
  #seen = 0;

  constructor(tokens: Tokens, names: readonly string[]) {
    this.#tokens = tokens;
    this.#names = new Set(names.map((name) => name.toLowerCase()));
  }

  /** To be asked of one token after the other. */
  isTable(index: number): boolean {
    for (; this.#seen <= index; this.#seen += 1) this.#follow(this.#seen);
    const tokens = this.#tokens;
    if (!tokens.isName(index)) return false;
    const isNamed = this.#names.has(tokens.name(index).toLowerCase());
    const isBeforeDot = isDot(tokens, index + 1);
    const isCalled = tokens.word(index + 1) === '(' && !this.#isListed;
    if (isNamed && !isCalled && (this.#isListed || isBeforeDot)) return true;
    // The database of a table that is listed.
    return this.#isListed && isBeforeDot && this.#names.has(tokens.name(index + 2).toLowerCase());
  }

  get #isListed(): boolean {
    return this.#lists.at(-1) === true;
  }

  #follow(index: number): void {
    const word = this.#tokens.word(index);
    if (this.#tokens.kind(index) === MARK) {
      if (word === '(') this.#lists.push(this.#isListed);
      else if (word === ')' && this.#lists.length > 1) this.#lists.pop();
      return;
    }
    if (BEFORE_TABLES.has(word)) this.#lists[this.#lists.length - 1] = true;
    else if (BEFORE_OTHERS.has(word)) this.#lists[this.#lists.length - 1] = false;
  }
}

function isDot(tokens: Tokens, index: number): boolean {
  return tokens.kind(index) === MARK && tokens.word(index) === '.';
}
