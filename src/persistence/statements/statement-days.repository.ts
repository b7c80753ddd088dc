import { atState } from '../state/at-state.js';
import { managerOf, type StateAccess } from '../state/state-transaction.js';
import type { FoundStatement } from './statement-rows.js';

/** A statement as an export has it: what the index has of it, and the number by which its grant is in the order of time. */
export interface ExportedStatement extends FoundStatement {
  readonly grantNo: number;
}

/** The place of a statement in the order of time. */
export type StatementPlace = Pick<ExportedStatement, 'atUs' | 'grantNo' | 'seq'>;

const DAY_MS = 86_400_000;
const US_PER_MS = 1_000;

type Row = Readonly<Record<string, unknown>>;

/** The index of statements by days of UTC, as anyone who exports it sees it. A day is the milliseconds at its beginning. */
export class StatementDaysRepository {
  readonly #at: StateAccess;

  constructor(at: StateAccess) {
    this.#at = at;
  }

  /**
   * For each day on which recordings began, a text that is another one as soon as any of them has been read further, was
   * added or was removed.
   */
  async stamps(): Promise<ReadonlyMap<number, string>> {
    const rows = await this.#query(
      `SELECT opened_at DIV ${DAY_MS * US_PER_MS} AS day, COUNT(*) AS grants, SUM(done_seq) AS entries, SUM(is_live) AS live,
         BIT_XOR(CRC32(CONCAT_WS(' ', grant_id, done_seq, done_prev, is_live))) AS mixed
       FROM statement_grants GROUP BY day`,
      [],
    );
    const stampOf = ({ grants, entries, live, mixed }: Row): string => [grants, entries, live, mixed].join('-');
    return new Map(rows.map((row) => [Number(row['day']) * DAY_MS, stampOf(row)]));
  }

  /** Statements of a day that come after one, in the order of time. Their words are joined to them and not the reverse. */
  async statements(
    dayMs: number,
    after: StatementPlace | undefined,
    limit: number,
  ): Promise<readonly ExportedStatement[]> {
    const from = dayMs * US_PER_MS;
    const { atUs, grantNo, seq } = after ?? { atUs: from, grantNo: -1, seq: -1 };
    const rows = await this.#query(
      `SELECT STRAIGHT_JOIN t.at, g.grant_id, t.grant_no, t.seq, t.operation, principal.value AS principal, sponsor.value AS sponsor,
         target.value AS target, g.protocol, base.value AS base, kind.value AS kind, tables_.value AS tables_named, t.verdict,
         policies.value AS policies, t.decision, decided.value AS decided, error.value AS error, t.in_transaction, t.is_cut,
         t.read_rows, t.changed_rows, t.duration_us, COALESCE(t.text, wording.text) AS full_text, t.bound, g.title,
         g.reference, g.is_live
       FROM (
         SELECT * FROM statements FORCE INDEX (PRIMARY)
         WHERE at >= ? AND at < ? AND (at > ? OR grant_no > ? OR (grant_no = ? AND seq > ?))
         ORDER BY at, grant_no, seq LIMIT ?
       ) t
       JOIN statement_grants g ON g.grant_no = t.grant_no
       JOIN statement_wordings wording ON wording.wording_no = t.wording_no
       JOIN statement_terms principal ON principal.term_no = t.principal_no
       JOIN statement_terms target ON target.term_no = t.target_no
       JOIN statement_terms kind ON kind.term_no = t.kind_no
       LEFT JOIN statement_terms sponsor ON sponsor.term_no = g.sponsor_no
       LEFT JOIN statement_terms base ON base.term_no = t.database_no
       LEFT JOIN statement_terms tables_ ON tables_.term_no = t.tables_no
       LEFT JOIN statement_terms policies ON policies.term_no = t.policies_no
       LEFT JOIN statement_terms decided ON decided.term_no = t.decided_no
       LEFT JOIN statement_terms error ON error.term_no = t.error_no
       ORDER BY t.at, t.grant_no, t.seq`,
      [atUs, from + DAY_MS * US_PER_MS, atUs, grantNo, grantNo, seq, limit],
    );
    return rows.map(statementOf);
  }

  #query(query: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return atState(() => managerOf(this.#at).query(query, [...values]));
  }
}

function statementOf(row: Row): ExportedStatement {
  return {
    atUs: Number(row['at']),
    grant: String(row['grant_id']),
    grantNo: Number(row['grant_no']),
    seq: Number(row['seq']),
    operation: Number(row['operation']),
    principal: String(row['principal']),
    sponsor: jsonOf(row['sponsor'], null),
    target: String(row['target']),
    protocol: String(row['protocol']),
    database: textOf(row['base']),
    kind: String(row['kind']),
    tables: jsonOf(row['tables_named'], []),
    verdict: String(row['verdict']),
    policies: jsonOf(row['policies'], []),
    decision: textOf(row['decision']),
    decidedBy: jsonOf(row['decided'], []),
    error: jsonOf(row['error'], null),
    inTransaction: row['in_transaction'] === null ? null : Number(row['in_transaction']) === 1,
    rows: numberOf(row['read_rows']),
    changed: numberOf(row['changed_rows']),
    durationUs: numberOf(row['duration_us']),
    text: String(row['full_text']),
    isCut: Number(row['is_cut']) === 1,
    bound: textOf(row['bound']),
    task: { title: String(row['title']), reference: textOf(row['reference']) },
    isLive: Number(row['is_live']) === 1,
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** What the index keeps of a word that is no single text. */
function jsonOf<T>(value: unknown, absent: T): T {
  return typeof value === 'string' ? JSON.parse(value) : absent;
}
