import type { ResultColumn, ResultRow, StatementResult } from '../../../protocol/statement-session.js';

/** Rows that are kept while nobody takes them; then the connection pauses. */
const ROWS_MAX = 256;
const BYTES_MAX = 1024 * 1024;

interface PausedConnection {
  pause(): void;
  resume(): void;
}

type Part =
  | { readonly kind: 'begin'; readonly columns: readonly ResultColumn[] }
  | { readonly kind: 'rows'; readonly rows: ResultRow[] }
  | { readonly kind: 'done'; readonly result: StatementResult };

/** What a driver tells by events, as the results of a statement, no faster than they are taken. */
export class ResultQueue {
  readonly #connection: PausedConnection;
  readonly #parts: Part[] = [];
  #rows = 0;
  #bytes = 0;
  #isPaused = false;
  #ended = false;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(connection: PausedConnection) {
    this.#connection = connection;
  }

  begin(columns: readonly ResultColumn[]): void {
    this.#add({ kind: 'begin', columns });
  }

  row(row: ResultRow): void {
    const last = this.#parts.at(-1);
    if (last?.kind === 'rows') last.rows.push(row);
    else this.#parts.push({ kind: 'rows', rows: [row] });
    this.#rows += 1;
    for (const cell of row) this.#bytes += cell?.length ?? 0;
    if (!this.#isPaused && (this.#rows >= ROWS_MAX || this.#bytes >= BYTES_MAX)) {
      this.#isPaused = true;
      this.#connection.pause();
    }
    this.#wake();
  }

  done(result: StatementResult): void {
    this.#add({ kind: 'done', result });
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *results(): AsyncGenerator<StatementResult> {
    for (let part = await this.#next(); part !== undefined; part = await this.#next()) {
      if (part.kind === 'done') yield part.result;
      else if (part.kind === 'begin') yield { kind: 'rows', columns: part.columns, rows: this.#rowsOfOne() };
    }
  }

  async *#rowsOfOne(): AsyncGenerator<readonly ResultRow[]> {
    for (;;) {
      const part = await this.#look();
      if (part?.kind !== 'rows') return;
      this.#parts.shift();
      this.#haveMore();
      yield part.rows;
    }
  }

  async #next(): Promise<Part | undefined> {
    const part = await this.#look();
    this.#parts.shift();
    return part;
  }

  /** The next part, which stays; undefined at the end. What came before a failure is told first. */
  async #look(): Promise<Part | undefined> {
    for (;;) {
      const [part] = this.#parts;
      if (part !== undefined) return part;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return undefined;
      await new Promise<void>((woken) => {
        this.#wake = woken;
      });
    }
  }

  /** What comes while the rows are used that were taken is another list. */
  #haveMore(): void {
    this.#rows = 0;
    this.#bytes = 0;
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#connection.resume();
  }

  #add(part: Part): void {
    this.#parts.push(part);
    this.#wake();
  }
}
