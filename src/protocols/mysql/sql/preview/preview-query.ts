import type { StatementFacts, StatementFlag, TableName } from '../../../sql/statement.js';
import type { SqlDialect } from '../text/dialect.js';
import { analyse } from '../analyse.js';
import { lex } from '../text/lexer.js';
import { changedTables } from './changed-tables.js';
import { quotedName, shownValue, type PreviewColumn } from './preview-column.js';
import { cutStatement, type Span, type StatementParts, type Tail } from '../walker/statement-parts.js';
import { listedTables, type ListedTable } from '../walker/table-list.js';
import { inconstancyAt } from './inconstant.js';
import { GAP_COMMENT, NO_GAP, PARAMETER, type Tokens } from '../text/tokens.js';

/** What is to be previewed. */
export interface PreviewQuestion {
  readonly text: Buffer;
  readonly dialect: SqlDialect;
  /** The session's. */
  readonly database: string | null;
  /** The columns of a table or view; undefined when they are not known. */
  readonly columns: (name: TableName) => readonly PreviewColumn[] | undefined;
}

/** A query of our own; its placeholders stand for those bound values of the statement. */
export interface OwnQuery {
  readonly text: string;
  /** Numbers of the statement's values, from 0, in the order of the query's placeholders. */
  readonly values: readonly number[];
  /** What it does, found by analysing it as if an agent had sent it. */
  readonly facts: StatementFacts;
}

/** How to learn which rows a statement would change, without running any part of it but its own conditions. */
export type PreviewQuery =
  | {
      readonly kind: 'query';
      /** One row with one number. */
      readonly count: OwnQuery;
      /** What of it the clock decides, so that it counts other rows later: `now`. Null for nothing. */
      readonly clock: string | null;
      /** Null where the rows are not there yet, or are not worth showing. */
      readonly sample: { readonly query: OwnQuery; readonly columns: readonly string[]; readonly of: TableName } | null;
    }
  | { readonly kind: 'rows'; readonly rows: number }
  /** All rows of the tables. */
  | { readonly kind: 'tables'; readonly tables: readonly TableName[] }
  | { readonly kind: 'unknown'; readonly why: string };

const SAMPLE_ROWS_MAX = 20;
const SAMPLE_COLUMNS_MAX = 64;

/** The forms that only read, and mean the same in another session. */
const FLAGS_ALLOWED: ReadonlySet<StatementFlag> = new Set(['low-priority', 'multi-table', 'returning', 'if-exists']);

/**
 * Builds the query that counts, and the one that shows, what a statement would change: from the statement's own FROM,
 * WHERE, ORDER BY and LIMIT, with its own placeholders. What is built is analysed again, and is given back only when it
 * reads and does nothing else.
 */
export function previewQueryOf(question: PreviewQuestion): PreviewQuery {
  const { text, dialect, database } = question;
  const { facts } = analyse(text, dialect, database);
  if (facts.notUnderstood !== null) return unknown(`The statement could not be understood: ${facts.notUnderstood}.`);
  if (facts.kind === 'empty') return unknown('There is no statement in the text.');
  if (facts.statements > 1) return unknown('The text has more than one statement.');
  if (facts.action === 'read') return unknown('It reads; how many rows it would give is not counted.');
  if (facts.kind.startsWith('truncate') || facts.kind === 'drop table') {
    return { kind: 'tables', tables: facts.tables.filter(({ action }) => action === 'schema') };
  }
  const { tokens, refused } = lex(text, dialect);
  const parts = refused === null ? cutStatement(tokens) : undefined;
  if (parts === undefined) return unknown(`How many rows a ${facts.kind} changes cannot be counted beforehand.`);
  return new PreviewBuilder(question, tokens).build(parts);
}

function unknown(why: string): PreviewQuery & { readonly kind: 'unknown' } {
  return { kind: 'unknown', why };
}

/** The rows cannot be known, for this reason. */
class Unknowable extends Error {}

class PreviewBuilder {
  readonly #question: PreviewQuestion;
  readonly #tokens: Tokens;
  /** Index of a placeholder's token → number of its value. */
  readonly #parameters = new Map<number, number>();
  #clock: string | null = null;

  constructor(question: PreviewQuestion, tokens: Tokens) {
    this.#question = question;
    this.#tokens = tokens;
    for (let index = 0; index < tokens.count; index += 1) {
      if (tokens.kind(index) === PARAMETER) this.#parameters.set(index, this.#parameters.size);
    }
  }

  build(parts: StatementParts): PreviewQuery {
    try {
      return parts.kind === 'insert' ? this.#insert(parts) : this.#change(parts);
    } catch (error) {
      if (!(error instanceof Unknowable)) throw error;
      return unknown(error.message);
    }
  }

  #insert({ isPlain, source }: StatementParts & { kind: 'insert' }): PreviewQuery {
    if ('rows' in source) {
      const { rows } = source;
      if (isPlain) return { kind: 'rows', rows };
      const plural = rows === 1 ? 'row' : 'rows';
      return unknown(`The text has ${rows} ${plural}; how many rows that are there already they replace is not known.`);
    }
    if (!isPlain) return unknown('How many rows that are there already it replaces or leaves out is not known.');
    const count = this.#own(['SELECT COUNT(*) FROM (', source.query, ') AS `~rows`']);
    return { kind: 'query', count, clock: this.#clock, sample: null };
  }

  #change(parts: StatementParts & { kind: 'update' | 'delete' }): PreviewQuery {
    const tables = listedTables(this.#tokens, parts.tables, this.#question.database);
    if (tables === undefined) throw new Unknowable('Its tables are listed in a form that is not followed.');
    const written = changedTables(parts, {
      tokens: this.#tokens,
      tables,
      hasColumn: (table, column) => this.#hasColumn(table, column),
    });
    const [only] = written ?? [];
    if (written === undefined || only === undefined) {
      throw new Unknowable('Which of its tables it changes could not be found out.');
    }
    const isSingle = tables.length === 1;
    const { tail } = parts;
    if (!isSingle && (tail.order !== null || tail.limit !== null)) {
      throw new Unknowable('It changes rows of a join up to a limit; which ones cannot be known.');
    }
    const from = ['FROM', parts.tables, ...clause('WHERE', tail.where)];
    const count = isSingle ? countRows(from, tail) : this.#countKeys(from, written);
    const own = this.#own([parts.with, ...count]);
    return {
      kind: 'query',
      count: own,
      clock: this.#clock,
      sample: this.#sample([parts.with], from, { tail, isSingle, table: only }),
    };
  }

  #hasColumn(table: TableName, column: string): boolean | null {
    const columns = this.#question.columns(table);
    return columns?.some(({ name }) => name.toLowerCase() === column.toLowerCase()) ?? null;
  }

  /** Rows of a join come up more than once; each is changed once. */
  #countKeys(from: readonly Piece[], written: readonly ListedTable[]): readonly Piece[] {
    const names = written.map(({ table }) => JSON.stringify([table?.database, table?.table]).toLowerCase());
    if (new Set(names).size < names.length) throw new Unknowable('It changes one table under two names.');
    const terms = written.map(({ alias, table }) => {
      const keys = (table && this.#question.columns(table))?.filter(({ isKey }) => isKey) ?? [];
      if (keys.length === 0) {
        throw new Unknowable(`${table?.table ?? alias} has no primary key, so its rows in a join cannot be counted.`);
      }
      return `COUNT(DISTINCT ${keys.map(({ name }) => `${quotedName(alias)}.${quotedName(name)}`).join(', ')})`;
    });
    return [`SELECT ${terms.join(' + ')}`, ...from];
  }

  #sample(
    prefix: readonly Piece[],
    from: readonly Piece[],
    { tail, isSingle, table }: { readonly tail: Tail; readonly isSingle: boolean; readonly table: ListedTable },
  ): (PreviewQuery & { kind: 'query' })['sample'] {
    const columns = (table.table && this.#question.columns(table.table))?.slice(0, SAMPLE_COLUMNS_MAX) ?? [];
    if (columns.length === 0 || table.table === null) return null;
    // Names that no column has, or ORDER BY would mean what is shown instead of what is stored.
    const shown = columns.map((column, index) => `${shownValue(table.alias, column)} AS \`~${index}\``).join(', ');
    const select = `SELECT ${isSingle ? '' : 'DISTINCT '}${shown}`;
    const order = clause('ORDER', tail.order);
    const rows =
      tail.limit === null
        ? [select, ...from, ...order, `LIMIT ${SAMPLE_ROWS_MAX}`]
        : [
            'SELECT * FROM (',
            select,
            ...from,
            ...order,
            'LIMIT',
            tail.limit,
            `) AS \`~rows\` LIMIT ${SAMPLE_ROWS_MAX}`,
          ];
    return { query: this.#own([...prefix, ...rows]), columns: columns.map(({ name }) => name), of: table.table };
  }

  /** Puts a query together and looks what it does. */
  #own(pieces: readonly Piece[]): OwnQuery {
    const values: number[] = [];
    const texts = pieces.map((piece) => {
      if (piece === null || typeof piece === 'string') return piece ?? '';
      return this.#written(piece, values);
    });
    const text = texts.join(' ').trim();
    const { facts } = analyse(Buffer.from(text, 'utf8'), this.#question.dialect, this.#question.database);
    requireReading(facts);
    return { text, values, facts };
  }

  /** The tokens as they were written, without what stands between them. */
  #written({ from, to }: Span, values: number[]): string {
    let text = '';
    for (let index = from; index < to; index += 1) {
      const inconstant = inconstancyAt(this.#tokens, index);
      if (inconstant?.by === 'session') {
        throw new Unknowable(
          `${inconstant.name} gives a different answer in another session, or each time it is called.`,
        );
      }
      this.#clock ??= inconstant?.name ?? null;
      const value = this.#parameters.get(index);
      if (value !== undefined) values.push(value);
      text += `${this.#gap(index)}${this.#tokens.source(index)}`;
    }
    return text;
  }

  #gap(index: number): string {
    const gap = this.#tokens.gap(index);
    if ((gap & GAP_COMMENT) !== 0 && this.#tokens.word(index) === '(') {
      throw new Unknowable('A comment stands before a parenthesis, where white space would mean something else.');
    }
    return gap === NO_GAP ? '' : ' ';
  }
}

/** A text of our own, or a part of the statement. */
type Piece = string | Span | null;

function clause(word: string, span: Span | null): readonly Piece[] {
  return span === null ? [] : [word, span];
}

function countRows(from: readonly Piece[], { limit }: Tail): readonly Piece[] {
  if (limit === null) return ['SELECT COUNT(*)', ...from];
  return ['SELECT COUNT(*) FROM ( SELECT 1', ...from, 'LIMIT', limit, ') AS `~rows`'];
}

function requireReading(facts: StatementFacts): void {
  if (facts.notUnderstood !== null) {
    throw new Unknowable(`Its conditions could not be understood: ${facts.notUnderstood}.`);
  }
  const [routine] = facts.unknownFunctions;
  if (routine !== undefined)
    throw new Unknowable(`It calls ${routine.name}, and the broker does not know whether that is harmless.`);
  const flag = facts.flags.find((found) => !FLAGS_ALLOWED.has(found));
  if (flag !== undefined) throw new Unknowable(`It has a form that is not looked at beforehand: ${flag}.`);
  if (facts.action !== 'read' || facts.statements !== 1 || facts.tables.some(({ action }) => action !== 'read')) {
    throw new Unknowable('Its conditions do more than read.');
  }
}
