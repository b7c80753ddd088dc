import type { ConnectionView } from '../contracts/grants/grant.js';
import { BrokerError } from '../kernel/errors.js';
import type { TargetWords } from './target-words.js';

/** What a value of a row is told as: numbers that JSON keeps exact, and texts for all others. */
export type ToldCell = string | number | boolean | null | ToldBytes;

/** Bytes that are no text. */
export interface ToldBytes {
  readonly base64: string;
}

export type SentValue = string | number | boolean | null;

export interface SentStatement {
  readonly sql: string;
  /** Bound to the statement's placeholders, in their order; absent: it has none and goes as text. */
  readonly values?: readonly SentValue[] | undefined;
}

export interface RowBounds {
  readonly rowsMax: number;
  /** Characters of a text, and of bytes as base64. */
  readonly cellCharactersMax: number;
  /** Of all cells together; a row more may be read. */
  readonly charactersMax: number;
  /** Of the rows as they come, before anything is cut; a row more may be read. */
  readonly bytesMax: number;
}

/** What became of a statement that was sent. */
export type StatementOutcome =
  | {
      readonly kind: 'rows';
      readonly columns: readonly { readonly name: string; readonly type: string }[];
      readonly rows: readonly (readonly ToldCell[])[];
      /** There are more rows, which were not read. */
      readonly hasMore: boolean;
      /** Cells that were longer than the bounds, and are told in part. */
      readonly cutCells: readonly { readonly row: number; readonly column: number; readonly characters: number }[];
      /** Further results of the same statement, as of a procedure; they are read and not told. */
      readonly furtherResults: number;
    }
  | {
      readonly kind: 'done';
      /** Decimal digits. */
      readonly affectedRows: string;
      /** Decimal digits; null when none was made. */
      readonly insertId: string | null;
      readonly warnings: number;
    }
  /** The broker said no; `code` is of its error table. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** The target said no, in its own words. */
  | { readonly kind: 'failed'; readonly code: string; readonly state: string | null; readonly message: string }
  /** It was stopped by the signal before it was answered: held, it did not run; running, the target has undone it. */
  | { readonly kind: 'stopped'; readonly wasHeld: boolean };

/** A table or view as the caller's grant shows it. */
export interface DescribedTable {
  readonly database: string;
  readonly name: string;
  readonly kind: string;
  /** Only of the table that was asked for. */
  readonly columns?: readonly DescribedColumn[];
}

export interface DescribedColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly key: string | null;
}

export type CatalogOutcome =
  | { readonly kind: 'tables'; readonly tables: readonly DescribedTable[]; readonly hasMore: boolean }
  | Extract<StatementOutcome, { kind: 'refused' | 'failed' | 'stopped' }>;

/** What agents are told of the statements of a protocol. Protocols that share it give the same object. */
export interface RunnerWords {
  /** What the targets are called on which they run. */
  readonly of: TargetWords;
  /** What the text of a statement is, in sentences. */
  readonly text: string;
  /** What its values are for, in sentences. */
  readonly values: string;
  /** What lasts from one call to the next, in a sentence. */
  readonly session: string;
  /** What `describe` tells, after `it says`: `which tables its account sees`. */
  readonly catalog: string;
  /** What names one thing of that, in a sentence. */
  readonly table: string;
}

/**
 * Runs statements of an agent through the endpoint of its grant, as any client of that protocol does: the gateway judges,
 * holds and records them. Each call is a session of its own: no transaction and no session setting outlives it.
 */
export interface StatementRunner {
  /** The protocols whose connections it knows. */
  knows(protocol: string): boolean;
  /** Each once. */
  readonly words: readonly RunnerWords[];
  /**
   * Runs one statement. When the signal is aborted it is stopped at the endpoint, so that its outcome is known.
   * @throws BrokerError when the endpoint cannot be reached
   */
  run(
    connection: ConnectionView,
    statement: SentStatement,
    options: RowBounds & { readonly signal: AbortSignal },
  ): Promise<StatementOutcome>;
  /** What the grant's account sees; with `table` that one and its columns. */
  describe(
    connection: ConnectionView,
    options: { readonly table?: string | undefined; readonly tablesMax: number; readonly signal: AbortSignal },
  ): Promise<CatalogOutcome>;
}

/** One for the protocols of all of them. It throws BrokerError `protocol_unknown` for a connection of another protocol. */
export function runnerOf(runners: readonly StatementRunner[]): StatementRunner {
  const runnerFor = ({ protocol }: ConnectionView): StatementRunner => {
    const runner = runners.find((one) => one.knows(protocol));
    if (runner === undefined) throw new BrokerError('protocol_unknown');
    return runner;
  };
  return {
    knows: (protocol) => runners.some((one) => one.knows(protocol)),
    words: [...new Set(runners.flatMap(({ words }) => words))],
    run: async (connection, statement, options) => runnerFor(connection).run(connection, statement, options),
    describe: async (connection, options) => runnerFor(connection).describe(connection, options),
  };
}
