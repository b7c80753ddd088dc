import type { ProtocolName } from '../../domain/protocol-value.js';
import { type Verdict, VERDICTS } from '../../domain/verdict.js';
import { assert } from '../../kernel/assert.js';
import type { GrantId } from '../../kernel/brand.js';
import { atState } from '../state/at-state.js';
import { managerOf, type StateAccess } from '../state/state-transaction.js';

/** A recorded statement, as the index of statements has it. */
export interface RecordedStatement {
  readonly grantId: GrantId;
  /** Its entry, and its number among the operations of the grant. */
  readonly seq: number;
  readonly operation: number;
  readonly atMs: number;
  readonly target: string;
  readonly protocol: ProtocolName;
  readonly database: string | null;
  /** As it was sent; where `isCut`, its beginning. */
  readonly text: string;
  readonly isCut: boolean;
  /** The same with placeholders for its values. */
  readonly wording: string;
  /** Null: nobody knows. */
  readonly inTransaction: boolean | null;
  readonly verdict: Verdict;
  /** `<policy>#<id>` of those that led to it. */
  readonly policies: readonly string[];
}

/** So many statements are counted; where there are more, counting takes too long. */
const COUNTED_MAX = 1_000_000;
const US_PER_MS = 1_000;

interface StatementColumns {
  readonly at: string;
  readonly seq: number;
  readonly operation: number;
  readonly verdict: string;
  readonly in_transaction: number | null;
  readonly is_cut: number;
  readonly text: string | null;
  readonly wording: string;
  readonly grant_id: GrantId;
  readonly protocol: ProtocolName;
  readonly target: string;
  readonly database_name: string | null;
  readonly policies: string | null;
}

/** The index of statements, for those who judge what was sent. */
export class RecordedStatementRepository {
  readonly #at: StateAccess;

  constructor(at: StateAccess) {
    this.#at = at;
  }

  /** The newest first; of one target where it is named. */
  async newest({
    target,
    limit,
  }: {
    readonly target: string | undefined;
    readonly limit: number;
  }): Promise<readonly RecordedStatement[]> {
    const of = target === undefined ? '' : `WHERE t.target_no = (${TARGET_NUMBER})`;
    const rows: readonly StatementColumns[] = await atState(() =>
      managerOf(this.#at).query(
        `SELECT t.at, t.seq, t.operation, t.verdict, t.in_transaction, t.is_cut, t.text, w.text AS wording, g.grant_id,
           g.protocol, target.value AS target, db.value AS database_name, policies.value AS policies
         FROM (SELECT * FROM statements t ${of} ORDER BY t.at DESC, t.grant_no DESC, t.seq DESC LIMIT ${limit}) t
         JOIN statement_wordings w ON w.wording_no = t.wording_no
         JOIN statement_grants g ON g.grant_no = t.grant_no
         JOIN statement_terms target ON target.term_no = t.target_no
         LEFT JOIN statement_terms db ON db.term_no = t.database_no
         LEFT JOIN statement_terms policies ON policies.term_no = t.policies_no
         ORDER BY t.at DESC, t.grant_no DESC, t.seq DESC`,
        target === undefined ? [] : [target],
      ),
    );
    return rows.map(statementOf);
  }

  /**
   * How many statements since then each policy has decided, by its name: it led to their verdict. Undefined where there are
   * too many to count.
   */
  async decidedSince(ms: number): Promise<ReadonlyMap<string, number> | undefined> {
    const rows: readonly { readonly policies: string | null; readonly statements: string }[] = await atState(() =>
      managerOf(this.#at).query(
        `SELECT policies.value AS policies, counted.statements FROM (
           SELECT policies_no, COUNT(*) AS statements FROM (
             SELECT policies_no FROM statements WHERE at >= ? LIMIT ${COUNTED_MAX + 1}
           ) recent GROUP BY policies_no
         ) counted LEFT JOIN statement_terms policies ON policies.term_no = counted.policies_no`,
        [ms * US_PER_MS],
      ),
    );
    const counts = new Map<string, number>();
    let all = 0;
    for (const { policies, statements } of rows) {
      all += Number(statements);
      const names = new Set(policiesIn(policies).map((id) => id.slice(0, id.lastIndexOf('#'))));
      for (const name of names) counts.set(name, (counts.get(name) ?? 0) + Number(statements));
    }
    return all > COUNTED_MAX ? undefined : counts;
  }
}

const TARGET_NUMBER = "SELECT term_no FROM statement_terms WHERE kind = 'target' AND value = ?";

function statementOf(row: StatementColumns): RecordedStatement {
  const verdict = VERDICTS.find((known) => known === row.verdict);
  assert(verdict !== undefined, 'the index has verdicts that this version knows');
  return {
    grantId: row.grant_id,
    seq: row.seq,
    operation: row.operation,
    atMs: Math.floor(Number(row.at) / US_PER_MS),
    target: row.target,
    protocol: row.protocol,
    database: row.database_name,
    // The text is kept beside its wording only where the two differ.
    text: row.text ?? row.wording,
    isCut: row.is_cut === 1,
    wording: row.wording,
    inTransaction: row.in_transaction === null ? null : row.in_transaction === 1,
    verdict,
    policies: policiesIn(row.policies),
  };
}

function policiesIn(stored: string | null): readonly string[] {
  const policies: unknown = stored === null ? [] : JSON.parse(stored);
  return Array.isArray(policies) ? policies.map(String) : [];
}
