import { z } from 'zod';
import type { Sponsor } from '../../domain/identity/sign-in.js';
import { atState } from '../state/at-state.js';
import { managerOf, type StateAccess } from '../state/state-transaction.js';
import { approvalTerm, type StatementKey, wordsHash } from './indexed-statement.js';

/** A statement as the index has it. */
export interface FoundStatement {
  readonly grant: string;
  readonly seq: number;
  readonly operation: number;
  readonly atUs: number;
  readonly principal: string;
  readonly sponsor: Sponsor | null;
  readonly target: string;
  readonly protocol: string;
  readonly database: string | null;
  readonly kind: string;
  readonly tables: readonly string[];
  readonly verdict: string;
  readonly policies: readonly string[];
  readonly decision: string | null;
  readonly decidedBy: readonly string[];
  readonly error: { readonly code: string; readonly state: string | null } | null;
  readonly rows: number | null;
  readonly changed: number | null;
  readonly durationUs: number | null;
  readonly text: string;
  readonly bound: string | null;
  readonly isCut: boolean;
  /** Whether it ran in a transaction that was open before it; null: not known. */
  readonly inTransaction: boolean | null;
  readonly task: { readonly title: string; readonly reference: string | null };
  readonly isLive: boolean;
}

/** A task by its recording. */
export interface FoundTask {
  readonly grant: string;
  readonly principal: string;
  readonly target: string;
  readonly title: string;
  readonly reference: string | null;
  readonly openedAtUs: number;
  readonly isLive: boolean;
}

export type StatementDbRow = Readonly<Record<string, unknown>>;

export const STATEMENT_COLUMNS = `t.at, t.grant_no, t.seq, t.operation, t.target_no, t.principal_no, t.kind_no, t.database_no, t.tables_no,
  t.policies_no, t.decided_no, t.error_no, t.verdict, t.decision, t.in_transaction, t.is_cut, t.read_rows, t.changed_rows,
  t.duration_us, COALESCE(t.text, w.text) AS text, t.bound, g.grant_id, g.sponsor_no, g.protocol, g.title, g.reference, g.is_live`;
const JOINED = `STRAIGHT_JOIN statement_wordings w ON w.wording_no = t.wording_no
  STRAIGHT_JOIN statement_grants g ON g.grant_no = t.grant_no`;
const NUMBERED = [
  'principal_no',
  'target_no',
  'kind_no',
  'database_no',
  'tables_no',
  'policies_no',
  'decided_no',
  'error_no',
  'sponsor_no',
];

const TARGET = "SELECT term_no FROM statement_terms WHERE kind = 'target' AND value = ?";

/** Reads statements out of the index. */
export class StatementRows {
  readonly #at: StateAccess;

  constructor(at: StateAccess) {
    this.#at = at;
  }

  /** In the order of the keys; one that is not there any more is left out. */
  async load(keys: readonly StatementKey[]): Promise<readonly FoundStatement[]> {
    if (keys.length === 0) return [];
    const rows = await this.#query(
      `SELECT ${STATEMENT_COLUMNS} FROM statements t ${JOINED}
       WHERE ${keys.map(() => '(t.at = ? AND t.grant_no = ? AND t.seq = ?)').join(' OR ')}`,
      keys.flatMap(({ atUs, grantNo, seq }) => [atUs, grantNo, seq]),
    );
    const byKey = new Map(rows.map((row) => [keyText(keyOf(row)), row]));
    const words = await this.#words(rows);
    return keys.flatMap((key) => {
      const row = byKey.get(keyText(key));
      return row === undefined ? [] : [foundOf(row, words)];
    });
  }

  /**
   * The newest statements of one target, or of all, the newest first: for those who judge them again. Of one whose text is cut
   * the rest is in its recording alone.
   */
  async latest(limit: number, target?: string): Promise<readonly FoundStatement[]> {
    const [of] = target === undefined ? [] : await this.#query(TARGET, [target]);
    if (target !== undefined && of === undefined) return [];
    const rows = await this.#query(
      `SELECT ${STATEMENT_COLUMNS} FROM statements t ${JOINED} ${of === undefined ? '' : 'WHERE t.target_no = ?'}
       ORDER BY t.at DESC, t.grant_no DESC, t.seq DESC LIMIT ${limit}`,
      of === undefined ? [] : [of['term_no']],
    );
    const words = await this.#words(rows);
    return rows.map((row) => foundOf(row, words));
  }

  /** What ran by an approval, the newest first. */
  async ranBy(approval: string, limit: number): Promise<readonly FoundStatement[]> {
    const { kind, value } = approvalTerm(approval);
    const rows = await this.#query(
      `SELECT ${STATEMENT_COLUMNS} FROM statement_facets f
       JOIN statements t ON t.at = f.at AND t.grant_no = f.grant_no AND t.seq = f.seq ${JOINED}
       WHERE f.term_no = (SELECT term_no FROM statement_terms WHERE kind = ? AND hash = ?)
       ORDER BY f.at DESC, f.grant_no DESC, f.seq DESC LIMIT ${limit}`,
      [kind, wordsHash(value)],
    );
    const words = await this.#words(rows);
    return rows.map((row) => foundOf(row, words));
  }

  /** In the order of the numbers. */
  async tasks(grantNos: readonly number[]): Promise<readonly FoundTask[]> {
    if (grantNos.length === 0) return [];
    const rows = await this.#query(
      `SELECT grant_no, grant_id, principal_no, target_no, title, reference, opened_at, is_live FROM statement_grants
       WHERE grant_no IN (${grantNos.map(() => '?').join(', ')})`,
      grantNos,
    );
    const words = await this.#words(rows);
    return grantNos.flatMap((number) => {
      const row = rows.find((one) => Number(one['grant_no']) === number);
      return row === undefined ? [] : [taskOf(row, words)];
    });
  }

  /** What the numbers of these rows stand for. */
  async #words(rows: readonly StatementDbRow[]): Promise<ReadonlyMap<number, string>> {
    const numbers = new Set(
      rows.flatMap((row) => NUMBERED.flatMap((name) => (typeof row[name] === 'number' ? [row[name]] : []))),
    );
    if (numbers.size === 0) return new Map();
    const found = await this.#query(
      `SELECT term_no, value FROM statement_terms WHERE term_no IN (${[...numbers].map(() => '?').join(', ')})`,
      [...numbers],
    );
    return new Map(found.map((row) => [Number(row['term_no']), String(row['value'])]));
  }

  #query(query: string, values: readonly unknown[]): Promise<readonly StatementDbRow[]> {
    return atState(() => managerOf(this.#at).query(query, [...values]));
  }
}

const list = z.array(z.string());
const sponsor = z.object({ name: z.string(), isClaim: z.boolean() });
const error = z.object({ code: z.string(), state: z.string().nullable() });

function foundOf(row: StatementDbRow, words: ReadonlyMap<number, string>): FoundStatement {
  const word = (name: string): string | null => words.get(Number(row[name] ?? -1)) ?? null;
  const json = <T>(schema: z.ZodType<T>, name: string, absent: T): T => {
    const text = word(name);
    return text === null ? absent : schema.parse(JSON.parse(text));
  };
  const number = (name: string): number | null => (row[name] === null ? null : Number(row[name]));
  const text = (name: string): string | null => textIn(row[name]);
  const transaction = number('in_transaction');
  return {
    grant: String(row['grant_id']),
    seq: Number(row['seq']),
    operation: Number(row['operation']),
    atUs: Number(row['at']),
    principal: word('principal_no') ?? '',
    sponsor: json<Sponsor | null>(sponsor, 'sponsor_no', null),
    target: word('target_no') ?? '',
    protocol: String(row['protocol']),
    database: word('database_no'),
    kind: word('kind_no') ?? '',
    tables: json(list, 'tables_no', []),
    verdict: String(row['verdict']),
    policies: json(list, 'policies_no', []),
    decision: text('decision'),
    decidedBy: json(list, 'decided_no', []),
    error: json<FoundStatement['error']>(error, 'error_no', null),
    rows: number('read_rows'),
    changed: number('changed_rows'),
    durationUs: number('duration_us'),
    text: text('text') ?? '',
    bound: text('bound'),
    isCut: Number(row['is_cut']) === 1,
    inTransaction: transaction === null ? null : transaction === 1,
    task: { title: String(row['title']), reference: text('reference') },
    isLive: Number(row['is_live']) === 1,
  };
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function keyOf(row: StatementDbRow): StatementKey {
  return { atUs: Number(row['at']), grantNo: Number(row['grant_no']), seq: Number(row['seq']) };
}

function keyText({ atUs, grantNo, seq }: StatementKey): string {
  return `${atUs} ${grantNo} ${seq}`;
}

function taskOf(row: StatementDbRow, words: ReadonlyMap<number, string>): FoundTask {
  return {
    grant: String(row['grant_id']),
    principal: words.get(Number(row['principal_no'])) ?? '',
    target: words.get(Number(row['target_no'])) ?? '',
    title: String(row['title']),
    reference: textIn(row['reference']),
    openedAtUs: Number(row['opened_at']),
    isLive: Number(row['is_live']) === 1,
  };
}
