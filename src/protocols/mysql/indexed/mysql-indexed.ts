import { z } from 'zod';
import type { ProtocolValue } from '../../../domain/protocol-value.js';
import type {
  IndexedOperation,
  IndexedOperations,
  IndexedResult,
  OperationFollower,
} from '../../../protocol/indexed-operations.js';
import type { Entry, TypedEntry } from '../../../recording/entries/entries.js';
import { unreadableEntry } from '../../../recording/verify/reader.js';
import type { StatementFacts } from '../../sql/statement.js';
import type { MysqlEntry, StatementEntry } from '../recorded/bodies.js';
import { isMysqlEntry } from '../recorded/body-schemas.js';
import { boundText, textOf } from '../recorded/statement-text.js';
import { analyse } from '../sql/analyse.js';
import { dialectOf, type SqlDialect } from '../sql/text/dialect.js';
import {
  SESSION_BEGUN,
  SESSION_UNKNOWN,
  type SessionTrace,
  traceAnswered,
  tracePrepared,
  traceWith,
} from './transaction-trace.js';
import { wordingOf } from './wording.js';

/** Facts of wordings that were read already; a recording has the same ones again and again. */
const KNOWN_MAX = 2_000;
/** A longer wording is read each time: as many of any length would take all memory. */
const KNOWN_LENGTH_MAX = 4_000;
const TABLES_MAX = 50;
/** The index does not ask for the fingerprint, which takes one more look at all of a text. */
const NO_SHAPE = { fingerprint: undefined };

const inTransaction = z.boolean().nullable();
const memory = z.object({
  sessions: z.array(
    z.tuple([z.int(), z.object({ inTransaction, afterwards: inTransaction, changesRows: z.boolean() })]),
  ),
});

/** Statements of MySQL and MariaDB in the index. */
export const MYSQL_INDEXED: IndexedOperations = {
  follower: ({ target: { flavour, version } }, remembered) =>
    new MysqlFollower(
      dialectOf({ flavour: flavour === 'mysql' ? 'mysql' : 'mariadb', version, sqlMode: '' }),
      remembered === null ? [] : memory.parse(remembered).sessions,
    ),
};

/** The settings of a session are not in a recording: its texts are read as one reads them that has set nothing. */
class MysqlFollower implements OperationFollower {
  readonly #dialect: SqlDialect;
  readonly #sessions: Map<number, SessionTrace>;
  readonly #known = new Map<string, StatementFacts>();

  constructor(dialect: SqlDialect, sessions: readonly (readonly [number, SessionTrace])[]) {
    this.#dialect = dialect;
    this.#sessions = new Map(sessions);
  }

  operation(entry: TypedEntry<'operation'>): IndexedOperation {
    assertOurs(entry);
    const text = textOf(entry);
    const wording = wordingOf(text, this.#dialect);
    const facts = this.#factsOf(entry, text, wording.isPartial ? undefined : wording.text);
    const trace = this.#traceOf(entry.session);
    const isPrepared = entry.name === 'COM_STMT_PREPARE';
    this.#sessions.set(entry.session, isPrepared ? tracePrepared(trace) : traceWith(trace, facts, text));
    return {
      kind: isPrepared ? 'prepare' : facts.kind,
      database: entry.body.database,
      tables: tablesOf(facts),
      text,
      wording: wording.text,
      bound: boundText(entry),
      inTransaction: trace.inTransaction,
    };
  }

  result(entry: TypedEntry<'result'>): IndexedResult {
    assertOurs(entry);
    const { session, outcome, body, operation } = entry;
    const trace = this.#traceOf(session);
    if (operation !== undefined) this.#sessions.set(session, traceAnswered(trace, outcome === 'ok'));
    const parts = outcome === 'ok' && entry.name !== 'COM_STMT_PREPARE' ? body.results : [];
    const reads = parts.flatMap((part) => (part.kind === 'rows' ? [part.rows] : []));
    const changed = sum(parts.flatMap((part) => (part.kind === 'ok' ? [Number(part.affectedRows)] : [])));
    const { error } = body;
    return {
      rows: reads.length === 0 ? null : sum(reads),
      changed: changed > 0 || (trace.changesRows && outcome === 'ok') ? changed : null,
      error: error === undefined ? null : { code: String(error.errno), state: error.sqlState },
    };
  }

  follow(entry: Entry): void {
    if (entry.type === 'session.opened') this.#sessions.set(entry.session, SESSION_BEGUN);
    if (entry.type === 'session.closed') this.#sessions.delete(entry.session);
    if (entry.type === 'note' && entry.name === 'COM_RESET_CONNECTION')
      this.#sessions.set(entry.session, SESSION_BEGUN);
  }

  memory(): ProtocolValue {
    return { sessions: [...this.#sessions] };
  }

  #traceOf(session: number): SessionTrace {
    return this.#sessions.get(session) ?? SESSION_UNKNOWN;
  }

  #factsOf({ body: { database } }: StatementEntry, text: string, wording: string | undefined): StatementFacts {
    const isKept = wording !== undefined && wording.length <= KNOWN_LENGTH_MAX;
    const key = isKept ? `${database ?? ''}\n${wording}` : undefined;
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) return known;
    const { facts } = analyse(Buffer.from(text), this.#dialect, database, NO_SHAPE);
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    if (key !== undefined) this.#known.set(key, facts);
    return facts;
  }
}

function tablesOf({ tables }: StatementFacts): readonly string[] {
  const names = tables.map(({ database, table }) => (database === null ? table : `${database}.${table}`));
  return [...new Set(names)].slice(0, TABLES_MAX);
}

function sum(numbers: readonly number[]): number {
  return Math.min(
    numbers.reduce((total, number) => total + number, 0),
    Number.MAX_SAFE_INTEGER,
  );
}

function assertOurs(entry: Entry): asserts entry is MysqlEntry {
  if (!isMysqlEntry(entry)) throw unreadableEntry(entry.seq);
}
