import { isGuardedVariable } from '../session/session-rules.js';
import { comparedName } from '../text/variable-name.js';
import { END, NUMBER, STRING, SYSTEM_SIGN, USER_VARIABLE, type Tokens } from '../text/tokens.js';

/** The body has a form that is not known here. */
export class BodyUnclear extends Error {}

const DEPTH_MAX = 64;
/** Statements about cursors, labels and conditions: they touch no table themselves. */
const HARMLESS: ReadonlySet<string> = new Set([
  'open',
  'close',
  'fetch',
  'leave',
  'iterate',
  'signal',
  'resignal',
  'get',
]);
/** After SET: what the session keeps after the body, and the broker would not know of. */
const CHANGES_SESSION: ReadonlySet<string> = new Set(['names', 'character', 'charset', 'session', 'local']);
const BLOCK_ENDS: ReadonlySet<string> = new Set(['end', 'else', 'elseif', 'when', 'until']);
/** After SET: what is no assignment to a local variable or a column of the new row. */
const SET_SCOPES: ReadonlySet<string> = new Set([
  'global',
  'session',
  'local',
  'persist',
  'persist_only',
  'password',
  'default',
  'role',
  'names',
  'character',
  'charset',
  'transaction',
  'statement',
  'resource',
]);

/**
 * Takes the body of a trigger or routine apart: control flow is followed, and every statement and expression in it is
 * handed on as a statement of its own (an expression as `SELECT expression`).
 *
 * https://dev.mysql.com/doc/refman/9.7/en/sql-compound-statements.html,
 * https://mariadb.com/kb/en/programmatic-compound-statements/
 */
export class BodyReader {
  /** Of the next token. */
  index = 0;
  readonly #tokens: Tokens;
  readonly #onStatement: (text: Buffer) => void;
  #depth = 0;

  constructor(tokens: Tokens, onStatement: (text: Buffer) => void) {
    this.#tokens = tokens;
    this.#onStatement = onStatement;
  }

  /** Reads one statement, without the semicolon after it. @throws BodyUnclear */
  statement(): void {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw new BodyUnclear('its blocks are nested too deeply');
    if (this.#tokens.isName(this.index) && this.#tokens.word(this.index + 1) === ':') this.index += 2;
    this.#unlabelled();
    this.#depth -= 1;
  }

  #unlabelled(): void {
    const word = this.#word();
    if (HARMLESS.has(word)) this.index = this.#find([';']);
    else if (word === 'begin') this.#block();
    else if (word === 'if') this.#if();
    else if (word === 'case') this.#case();
    else if (word === 'while') this.#while();
    else if (word === 'loop') this.#loop();
    else if (word === 'repeat') this.#repeat();
    else if (word === 'declare') this.#declare();
    else if (word === 'set') this.#set();
    else if (word === 'return') {
      this.index += 1;
      this.#expression([';']);
    } else this.#leaf();
  }

  #block(): void {
    this.index += 1;
    if (this.#word() === 'not') this.#take('not', 'atomic');
    this.#statements();
    this.#take('end');
    this.#label();
  }

  #statements(): void {
    while (!BLOCK_ENDS.has(this.#word())) {
      this.statement();
      this.#take(';');
    }
  }

  #if(): void {
    this.index += 1;
    this.#expression(['then']);
    this.#take('then');
    this.#statements();
    if (this.#word() === 'elseif') return this.#if();
    if (this.#word() === 'else') {
      this.index += 1;
      this.#statements();
    }
    this.#take('end', 'if');
  }

  #case(): void {
    this.index += 1;
    this.#expression(['when']);
    while (this.#word() === 'when') {
      this.index += 1;
      this.#expression(['then']);
      this.#take('then');
      this.#statements();
    }
    if (this.#word() === 'else') {
      this.index += 1;
      this.#statements();
    }
    this.#take('end', 'case');
  }

  #while(): void {
    this.index += 1;
    this.#expression(['do']);
    this.#take('do');
    this.#statements();
    this.#take('end', 'while');
    this.#label();
  }

  #loop(): void {
    this.index += 1;
    this.#statements();
    this.#take('end', 'loop');
    this.#label();
  }

  #repeat(): void {
    this.index += 1;
    this.#statements();
    this.#take('until');
    this.#expression(['end']);
    this.#take('end', 'repeat');
    this.#label();
  }

  #declare(): void {
    const kind = this.#tokens.word(this.index + 2);
    if (kind === 'handler') {
      this.index += 3;
      this.#take('for');
      this.#conditions();
      this.statement();
    } else if (kind === 'cursor') {
      this.index = this.#find(['for', ';']);
      this.#take('for');
      this.#leaf();
    } else if (kind === 'condition') {
      this.index = this.#find([';']);
    } else {
      this.index = this.#find(['default', ';']);
      if (this.#word() !== 'default') return;
      this.index += 1;
      this.#expression([';']);
    }
  }

  /** Of a handler: SQLSTATE '…', NOT FOUND, an error number, a name, …, with commas between. */
  #conditions(): void {
    for (;;) {
      if (this.#word() === 'sqlstate') {
        this.index += this.#tokens.word(this.index + 1) === 'value' ? 2 : 1;
        if (this.#tokens.kind(this.index) !== STRING) throw new BodyUnclear('a condition of a handler is not known');
      } else if (this.#word() === 'not') {
        this.index += 1;
      } else if (!this.#tokens.isName(this.index) && this.#tokens.kind(this.index) !== NUMBER) {
        throw new BodyUnclear('a condition of a handler is not known');
      }
      this.index += 1;
      if (this.#word() !== ',') return;
      this.index += 1;
    }
  }

  #set(): void {
    const next = this.#tokens.word(this.index + 1);
    if (CHANGES_SESSION.has(next)) throw new BodyUnclear('it changes the session');
    if (SET_SCOPES.has(next) || this.#tokens.kind(this.index + 1) === SYSTEM_SIGN) return this.#leaf();
    do {
      this.index += 1;
      if (this.#tokens.kind(this.index) === SYSTEM_SIGN) throw new BodyUnclear('it sets a system variable');
      if (this.#isGuarded()) throw new BodyUnclear('it changes the session');
      this.index = this.#find(['=', ':=', ';']);
      if (this.#word() === ';') throw new BodyUnclear('an assignment is not known');
      this.index += 1;
      this.#expression([',', ';']);
    } while (this.#word() === ',');
  }

  /** Hands on the tokens up to the next semicolon as they are. */
  #leaf(): void {
    const from = this.index;
    this.index = this.#find([';']);
    if (from === this.index) throw new BodyUnclear('a statement is empty');
    this.#onStatement(this.#withoutInto(from, this.index));
  }

  /** SELECT … INTO of local variables has no meaning outside of the body; what is selected is the same without it. */
  #withoutInto(from: number, to: number): Buffer {
    const tokens = this.#tokens;
    const text = Buffer.from(tokens.text.subarray(tokens.start(from), tokens.end(to - 1)));
    const first = tokens.word(from);
    if (first !== 'select' && first !== 'with' && first !== '(') return text;
    let at = from;
    for (let depth = 0; at < to; at += 1) {
      const word = tokens.word(at);
      if (word === '(') depth += 1;
      else if (word === ')') depth -= 1;
      else if (word === 'into' && depth === 0) break;
    }
    if (at === to || ['outfile', 'dumpfile'].includes(tokens.word(at + 1))) return text;
    let end = at;
    do end += 2;
    while (end < to && tokens.word(end) === ',' && this.#isVariable(end - 1));
    if (!this.#isVariable(end - 1)) throw new BodyUnclear('what it selects into is not known');
    return text.fill(' ', tokens.start(at) - tokens.start(from), tokens.end(end - 1) - tokens.start(from));
  }

  #isVariable(index: number): boolean {
    return this.#tokens.isName(index) || this.#tokens.kind(index) === USER_VARIABLE;
  }

  #expression(stops: readonly string[]): void {
    const from = this.index;
    this.index = this.#find(stops);
    if (from === this.index) return;
    const tokens = this.#tokens;
    this.#onStatement(
      Buffer.concat([Buffer.from('SELECT '), tokens.text.subarray(tokens.start(from), tokens.end(this.index - 1))]),
    );
  }

  /** The next of these words outside of parentheses and of CASE … END; a semicolon is looked for always. */
  #find(stops: readonly string[]): number {
    let parentheses = 0;
    let cases = 0;
    for (let at = this.index; ; at += 1) {
      if (this.#tokens.kind(at) === END) {
        if (stops.includes(';') && parentheses === 0 && cases === 0) return at;
        throw new BodyUnclear('it ends too early');
      }
      const word = this.#tokens.word(at);
      if (parentheses === 0 && cases === 0 && stops.includes(word)) return at;
      if (word === ';') throw new BodyUnclear('a statement ends too early');
      if (word === '(') parentheses += 1;
      else if (word === ')') parentheses -= 1;
      else if (word === 'case') cases += 1;
      else if (word === 'end' && cases > 0) cases -= 1;
    }
  }

  #label(): void {
    if (this.#word() !== ';' && this.#tokens.isName(this.index)) this.index += 1;
  }

  #take(...words: readonly string[]): void {
    for (const word of words) {
      if (this.#word() !== word) throw new BodyUnclear(`there is no ${word.toUpperCase()} where one is expected`);
      this.index += 1;
    }
  }

  /** Whether the name that is assigned is one of the session's own, in quotes or not. */
  #isGuarded(): boolean {
    return this.#tokens.isName(this.index) && isGuardedVariable(comparedName(this.#tokens.name(this.index)));
  }

  #word(): string {
    return this.#tokens.word(this.index);
  }
}
