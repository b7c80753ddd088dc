import type { RowBounds, StatementOutcome, ToldCell } from '../../../protocol/statement-runner.js';

type Rows = Extract<StatementOutcome, { kind: 'rows' }>;

/** Bytes of base64 are told in threes, so that what is cut is base64 too. */
const BASE64_GROUP = 4;
const BYTES_OF_GROUP = 3;

/** Takes rows within bounds, and knows when it has enough. */
export class ToldRows {
  readonly #bounds: RowBounds;
  readonly #columns: Rows['columns'];
  readonly #rows: ToldCell[][] = [];
  readonly #cutCells: { row: number; column: number; characters: number }[] = [];
  #characters = 0;
  #bytes = 0;

  constructor(columns: Rows['columns'], bounds: RowBounds) {
    this.#columns = columns;
    this.#bounds = bounds;
  }

  get isFull(): boolean {
    const { rowsMax, charactersMax, bytesMax } = this.#bounds;
    return this.#rows.length >= rowsMax || this.#characters >= charactersMax || this.#bytes >= bytesMax;
  }

  take(values: readonly unknown[]): void {
    const row = this.#rows.length;
    this.#rows.push(values.map((value, column) => this.#cell(value, { row, column })));
  }

  outcome(hasMore: boolean, furtherResults: number): Rows {
    const cutCells = this.#cutCells;
    return { kind: 'rows', columns: this.#columns, rows: this.#rows, hasMore, cutCells, furtherResults };
  }

  #cell(value: unknown, at: { readonly row: number; readonly column: number }): ToldCell {
    if (value === null || value === undefined) return null;
    if (typeof value === 'number' || typeof value === 'boolean') {
      this.#characters += String(value).length;
      return value;
    }
    if (Buffer.isBuffer(value)) {
      this.#bytes += value.length;
      return { base64: this.#cutBytes(value, at) };
    }
    const text = textOf(value);
    this.#bytes += text.length;
    return this.#cut(text, at);
  }

  #cut(text: string, at: { readonly row: number; readonly column: number }): string {
    const { cellCharactersMax } = this.#bounds;
    if (text.length > cellCharactersMax) this.#cutCells.push({ ...at, characters: text.length });
    const told = text.length > cellCharactersMax ? text.slice(0, cellCharactersMax).toWellFormed() : text;
    this.#characters += told.length;
    return told;
  }

  #cutBytes(bytes: Buffer, at: { readonly row: number; readonly column: number }): string {
    const bytesMax = Math.floor(this.#bounds.cellCharactersMax / BASE64_GROUP) * BYTES_OF_GROUP;
    if (bytes.length > bytesMax) {
      this.#cutCells.push({ ...at, characters: Math.ceil(bytes.length / BYTES_OF_GROUP) * BASE64_GROUP });
    }
    const told = bytes.subarray(0, bytesMax).toString('base64');
    this.#characters += told.length;
    return told;
  }
}

/** What the driver made of a value that is no plain text: places, vectors. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
