import type { EntityManager } from 'typeorm';
import { marks } from './statement-words.js';

type Row = Readonly<Record<string, unknown>>;

const AT_ONCE = 500;
const TERMS_AT_ONCE = 200;

/** Takes statements of a recording out of the index, some at a time. @returns whether none is left */
export async function forgetSome(at: EntityManager, grantNo: number): Promise<boolean> {
  const facets = await facetsOf(at, grantNo);
  if (facets.length > 0) {
    await at.query(
      `DELETE FROM statement_facets WHERE ${facets.map(() => '(term_no = ? AND at = ? AND grant_no = ? AND seq = ?)').join(' OR ')}`,
      facets.flatMap((row) => [row['term_no'], row['at'], grantNo, row['seq']]),
    );
    return false;
  }
  const rows: readonly Row[] = await at.query('SELECT at, seq FROM statements WHERE grant_no = ? LIMIT ?', [
    grantNo,
    AT_ONCE,
  ]);
  if (rows.length === 0) return true;
  await at.query(
    `DELETE FROM statements WHERE ${rows.map(() => '(at = ? AND grant_no = ? AND seq = ?)').join(' OR ')}`,
    rows.flatMap((row) => [row['at'], grantNo, row['seq']]),
  );
  return false;
}

/** They are found by their terms and the time of the recording, so that no index of them by recording is kept. */
async function facetsOf(at: EntityManager, grantNo: number): Promise<readonly Row[]> {
  const [span]: readonly Row[] = await at.query(
    'SELECT MIN(at) AS first, MAX(at) AS last FROM statements WHERE grant_no = ?',
    [grantNo],
  );
  if (span?.['first'] === null || span === undefined) return [];
  const terms: readonly Row[] = await at.query(
    "SELECT term_no FROM statement_terms WHERE kind IN ('table', 'error', 'mark') ORDER BY term_no",
  );
  for (let from = 0; from < terms.length; from += TERMS_AT_ONCE) {
    const numbers = terms.slice(from, from + TERMS_AT_ONCE).map((row) => row['term_no']);
    const found: readonly Row[] = await at.query(
      `SELECT term_no, at, seq FROM statement_facets
       WHERE term_no IN ${marks(1, numbers.length)} AND at BETWEEN ? AND ? AND grant_no = ? LIMIT ?`,
      [...numbers, span['first'], span['last'], grantNo, AT_ONCE],
    );
    if (found.length > 0) return found;
  }
  return [];
}
