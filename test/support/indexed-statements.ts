import { createHash } from 'node:crypto';
import { newGrantId } from '../../src/domain/ids.js';
import type { StateSource } from '../../src/persistence/state/data-source.js';
import type { TermKind } from '../../src/persistence/entities/recordings/statement-index.js';

/** A statement as a test puts it into the index, past the one who reads recordings. */
export interface PlacedStatement {
  readonly at: string;
  readonly kind?: string;
  readonly verdict?: 'allow' | 'hold' | 'deny';
  readonly text?: string;
  readonly bound?: string | null;
  readonly database?: string | null;
  readonly tables?: readonly string[];
  readonly decision?: string | null;
  readonly decidedBy?: readonly string[];
  readonly error?: { readonly code: string; readonly state: string | null } | null;
  readonly rows?: number | null;
  readonly changed?: number | null;
  readonly durationUs?: number | null;
}

export interface PlacedGrant {
  readonly principal?: string;
  readonly sponsor?: { readonly name: string; readonly isClaim: boolean } | null;
  readonly target?: string;
  readonly title?: string;
  readonly reference?: string | null;
  readonly isLive?: boolean;
  readonly openedAt?: string;
}

/** Puts a recording with these statements into the index of a state database; gives its grant's id and number. */
export async function placeStatements(
  source: StateSource,
  grant: PlacedGrant,
  statements: readonly PlacedStatement[],
): Promise<{ readonly grantId: string; readonly grantNo: number }> {
  const grantId = newGrantId();
  const { principal = 'bot', sponsor = null, target = 'shop', title = 'Mend the orders', reference = null } = grant;
  const principalNo = await termNumber(source, 'principal', principal);
  const targetNo = await termNumber(source, 'target', target);
  const sponsorNo = sponsor === null ? null : await termNumber(source, 'sponsor', JSON.stringify(sponsor));
  const openedAtUs = microseconds(grant.openedAt ?? statements[0]?.at ?? '2026-01-01T00:00:00Z');
  await source.query(
    `INSERT INTO statement_grants
       (grant_id, principal_no, sponsor_no, target_no, protocol, title, reference, opened_at, is_live, done_seq, done_prev)
     VALUES (?, ?, ?, ?, 'mysql', ?, ?, ?, ?, ?, ?)`,
    [
      grantId,
      principalNo,
      sponsorNo,
      targetNo,
      title,
      reference,
      openedAtUs,
      grant.isLive === true ? 1 : 0,
      statements.length,
      '0'.repeat(64),
    ],
  );
  const grantNo = await numberOf(source, 'SELECT grant_no AS number FROM statement_grants WHERE grant_id = ?', [
    grantId,
  ]);
  const known = new Map<string, Promise<number>>();
  const rows: (readonly unknown[])[] = [];
  for (const [index, statement] of statements.entries()) {
    rows.push(await rowOf(source, statement, { grantNo, principalNo, targetNo, operation: index + 1, known }));
  }
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const part = rows.slice(from, from + ROWS_AT_ONCE);
    const values = part.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
    await source.query(`INSERT INTO statements (${COLUMNS}) VALUES ${values}`, part.flat());
  }
  return { grantId, grantNo };
}

const ROWS_AT_ONCE = 500;
const COLUMNS = `at, grant_no, seq, operation, principal_no, target_no, wording_no, kind_no, database_no, tables_no, policies_no,
  decided_no, error_no, verdict, decision, in_transaction, is_cut, read_rows, changed_rows, duration_us, text, bound`;

interface Placed {
  readonly grantNo: number;
  readonly principalNo: number;
  readonly targetNo: number;
  readonly operation: number;
  /** Numbers of words that were asked for before. */
  readonly known: Map<string, Promise<number>>;
}

async function rowOf(source: StateSource, statement: PlacedStatement, placed: Placed): Promise<readonly unknown[]> {
  const { kind = 'select', verdict = 'allow', text = 'SELECT 1', database = 'shop', tables = [] } = statement;
  const { decision = null, decidedBy = [], error = null, rows = null, changed = null, durationUs = 100 } = statement;
  const once = (key: string, find: () => Promise<number>): Promise<number> => {
    const number = placed.known.get(key) ?? find();
    placed.known.set(key, number);
    return number;
  };
  const term = (of: TermKind, value: string | null) =>
    value === null ? null : once(`${of} ${value}`, () => termNumber(source, of, value));
  return [
    microseconds(statement.at),
    placed.grantNo,
    placed.operation * 2,
    placed.operation,
    placed.principalNo,
    placed.targetNo,
    await once(`wording ${text}`, () => wordingNumber(source, text)),
    await term('kind', kind),
    await term('database', database),
    await term('tables', tables.length === 0 ? null : JSON.stringify(tables)),
    await term('policies', JSON.stringify(['default#reads'])),
    await term('decided', decidedBy.length === 0 ? null : JSON.stringify(decidedBy)),
    await term('error', error === null ? null : JSON.stringify(error)),
    verdict,
    decision,
    0,
    0,
    rows,
    changed,
    durationUs,
    null,
    statement.bound ?? null,
  ];
}

async function termNumber(source: StateSource, kind: TermKind, value: string): Promise<number> {
  const key = [kind, hashOf(value)];
  await source.query('INSERT IGNORE INTO statement_terms (kind, hash, value) VALUES (?, ?, ?)', [...key, value]);
  return numberOf(source, 'SELECT term_no AS number FROM statement_terms WHERE kind = ? AND hash = ?', key);
}

async function wordingNumber(source: StateSource, text: string): Promise<number> {
  await source.query('INSERT IGNORE INTO statement_wordings (hash, text) VALUES (?, ?)', [hashOf(text), text]);
  return numberOf(source, 'SELECT wording_no AS number FROM statement_wordings WHERE hash = ?', [hashOf(text)]);
}

async function numberOf(source: StateSource, query: string, values: readonly unknown[]): Promise<number> {
  const [row]: readonly { readonly number: number }[] = await source.query(query, [...values]);
  if (row === undefined) throw new Error('It was not stored.');
  return row.number;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** `2026-11-29T12:00:00.123456Z`, with three or six digits of a second or none. */
export function microseconds(time: string): number {
  const [, seconds = '', fraction = ''] = /^(.+?)(?:\.(\d+))?Z$/.exec(time) ?? [];
  return Date.parse(`${seconds}Z`) * 1_000 + Number(fraction.padEnd(6, '0'));
}
